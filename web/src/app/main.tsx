import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@/shared/tokens.css";
import "@/shared/ui/ui.css";
import "./shell.css";
import { router } from "./router";
import { applyTheme } from "./theme";

applyTheme();
const root = document.getElementById("root");
if (!root) throw new Error("There is no #root in the page.");
createRoot(root).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
