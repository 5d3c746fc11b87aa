"""What importing over HTTP takes and answers, for the OpenAPI document."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tallymark.api.rest.shapes import Shape
from tallymark.api.uploads import MOST_FILES
from tallymark.ingest import KINDS

MOST_TABLES = 40


class FilledGiven(BaseModel):
    """Where the values of one of our columns come from: a column of the file, the same text for every row, or
    `numbered`, the place of a line within its order.
    """

    model_config = ConfigDict(extra="forbid")

    column: str | None = Field(None, max_length=500)
    constant: str | None = Field(None, max_length=500)
    numbered: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "FilledGiven":
        if sum(one is not None for one in (self.column, self.constant, self.numbered)) != 1:
            raise ValueError("has to be one of column, constant and numbered")
        return self


class TableGiven(BaseModel):
    """The rows of a file as records of a kind. A file may hold several kinds: then each has a table of its own."""

    model_config = ConfigDict(extra="forbid")

    file: UUID
    kind: str = Field(max_length=40, description=", ".join(KINDS))
    columns: dict[str, FilledGiven] = Field(max_length=60, description="By our columns of the kind.")
    dates: Literal["iso", "day-first", "month-first"] = Field("iso", description="How the file writes days.")
    numbers: Literal["point", "comma"] = Field("point", description="What stands before the cents.")


class ImportGiven(BaseModel):
    """Files that were sent, and how they are read: by a preset, or as `tables` say. Without either, a preview finds
    the best way itself.
    """

    model_config = ConfigDict(extra="forbid")

    files: list[UUID] = Field(min_length=1, max_length=MOST_FILES)
    platform: str = Field("files", max_length=63, description="Under this name its figures stand.")
    preset: str | None = Field(None, max_length=40)
    tables: list[TableGiven] = Field(default_factory=list, max_length=MOST_TABLES)


class UploadShape(Shape):
    id: UUID
    name: str
    size: int = Field(description="In bytes.")


class UploadAnswer(Shape):
    success: Literal[True]
    data: UploadShape


class ColumnShape(Shape):
    name: str
    type: str = Field(description="What a value has to look like.")
    required: bool
    choices: list[str] = Field(description="The only values there are, where that is so.")
    about: str


class KindShape(Shape):
    name: str
    columns: list[ColumnShape]


class ImportableShape(Shape):
    kinds: list[KindShape]
    presets: list[str]
    endings: list[str] = Field(description="Of files that can be read; text may be packed as .gz.")
    largest_bytes: int


class ImportableAnswer(Shape):
    success: Literal[True]
    data: ImportableShape


class HeldShape(Shape):
    name: str
    type: Literal["whole number", "number", "date", "yes/no", "text", "empty"]
    samples: list[str]


class LookedShape(UploadShape):
    columns: list[HeldShape]
    rows: list[list[str]] = Field(description="The first.")


class FitShape(Shape):
    name: str
    fits: bool
    reads: list[str] = Field(description="The files' columns that it names.")
    misses: str = Field(description="The first that it needs and is not there; empty where it fits.")


class ReadingShape(Shape):
    why: str
    preset: str | None
    tables: list[dict[str, Any]] = Field(description="As they are given.")


class RecordsShape(Shape):
    kind: str
    rows: int = Field(description="Distinct records; 0 while the file is refused as a whole.")
    columns: list[str]
    first: list[list[str]]


class WrongShape(Shape):
    file: str
    line: int
    column: str | None
    reason: str


class RefusalShape(Shape):
    message: str
    hint: str | None
    total: int = Field(description="Rows that cannot be taken.")
    problems: list[WrongShape] = Field(description="The first of them.")


class PreviewShape(Shape):
    files: list[LookedShape]
    presets: list[FitShape] = Field(description="What fits best first.")
    reading: ReadingShape = Field(description="How the files were read for this preview.")
    records: list[RecordsShape]
    refused: RefusalShape | None = Field(description="Why an import would be refused; null where it would not.")


class PreviewAnswer(Shape):
    success: Literal[True]
    data: PreviewShape


class CountsShape(Shape):
    new: int
    changed: int
    unchanged: int


class ImportedShape(Shape):
    records: dict[str, CountsShape]
    run_id: UUID | None = Field(description="The refresh that counts them; null where nothing has changed.")


class ImportedAnswer(Shape):
    success: Literal[True]
    data: ImportedShape
