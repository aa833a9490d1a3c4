"""The records of one kind other than contacts, by id and by the contact they belong to.

Notes and appointments are read contact by contact, thousands of times in a run, so the contact's records
are kept together instead of being looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping

from sandbox.highlevel.shapes import Document

__all__ = ["Records"]


class Records(MutableMapping[str, Document]):
    """Records by id, in the order in which they were made."""

    def __init__(self, generated: Iterable[Document] = ()) -> None:
        self._records: dict[str, Document] = {}
        self._by_contact: dict[str, dict[str, None]] = {}
        for document in generated:
            self[document["id"]] = document

    def __getitem__(self, record_id: str) -> Document:
        return self._records[record_id]

    def __setitem__(self, record_id: str, document: Document) -> None:
        self._release(record_id)
        self._records[record_id] = document
        contact = document.get("contactId")
        if isinstance(contact, str):
            self._by_contact.setdefault(contact, {})[record_id] = None

    def __delitem__(self, record_id: str) -> None:
        self._release(record_id)
        del self._records[record_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def of(self, contact_id: str) -> list[Document]:
        """The records of one contact."""
        return [self._records[record_id] for record_id in self._by_contact.get(contact_id, ())]

    def drop(self, contact_id: str) -> None:
        """Delete the records of one contact."""
        for document in self.of(contact_id):
            del self[document["id"]]

    def _release(self, record_id: str) -> None:
        contact = self._records.get(record_id, {}).get("contactId")
        if isinstance(contact, str):
            self._by_contact[contact].pop(record_id, None)
