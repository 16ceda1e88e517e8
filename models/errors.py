"""The root of every error that On the Record raises on purpose.

OnRecordError
├── ModelError               a model is missing, damaged or not what was asked for
├── indexer.errors.…         what is wrong with a file, a library or a query
└── service.errors.…         what is wrong with a setting or a request

The command line catches `OnRecordError` once; the HTTP service translates by one table.
"""


class OnRecordError(Exception):
    """Base of all errors; its text is one clear sentence for the person at the keyboard."""


class ModelError(OnRecordError):
    """A model is missing, damaged, or not the one that was asked for."""
