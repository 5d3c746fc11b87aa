"""What a cached answer costs over HTTP, against an empty application on the same server in the same run."""
