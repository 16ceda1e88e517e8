"""What can be set from outside, by `ONRECORD_*` variables; options of the command line win."""

from pathlib import Path

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.embedder import Precision
from models.load import DEFAULT_MODEL
from service.errors import ServiceError


class Settings(BaseSettings):
    """Effective settings. Each field is the variable ONRECORD_ and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="ONRECORD_", frozen=True, extra="ignore")

    library: Path = Field(
        default_factory=lambda: user_data_path("onrecord") / "library",
        description="folder of the library",
    )
    model: str = Field(
        default=DEFAULT_MODEL, description="embedding model: a name, or the path of a folder"
    )
    query_prompt: str | None = Field(
        default=None, description="text put before every question, for models that need one"
    )
    passage_prompt: str | None = Field(
        default=None, description="text put before every passage, for models that need one"
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("onrecord"),
        description="folder where the exported model is kept",
    )
    precision: Precision = Field(
        default=Precision.INT8,
        description="how the default model computes: int8, or fp32 at less than half the speed; a "
        "library keeps to the one it was made with",
    )
    device: str | None = Field(
        default=None,
        description="what computes: cpu, cuda; by default the processor for the default model, "
        "and what torch finds for others",
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="texts that the model computes at a time; by default the cores",
    )
    threshold: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="confidence below which a question counts as not answered; by default the "
        "calibrated one",
    )
    host: str = Field(default="127.0.0.1", description="address that the service listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port that it listens on")


def load_settings(**options: object) -> Settings:
    """Settings from the environment, with the options that are not None on top.

    Raises ServiceError that names the variable and what is wrong with it.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        raise ServiceError(f"ONRECORD_{name} is {first['input']!r}: {first['msg']}") from error
