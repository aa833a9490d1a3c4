"""What is made is its owner's alone, and what is there stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.core.private import make_file, make_folder


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_folders_and_files_are_for_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "one" / "two"
    make_folder(folder)
    make_file(folder / "hub.db")
    assert [mode(one) for one in (folder.parent, folder, folder / "hub.db")] == [0o700, 0o700, 0o600]


def test_what_is_there_stays(tmp_path: Path) -> None:
    folder, file = tmp_path / "shared", tmp_path / "shared" / "hub.db"
    folder.mkdir()
    folder.chmod(0o755)
    file.write_text("kept", encoding="utf-8")
    file.chmod(0o640)
    make_folder(folder)
    make_file(file)
    assert (mode(folder), mode(file), file.read_text(encoding="utf-8")) == (0o755, 0o640, "kept")


def test_a_folder_in_the_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        make_folder(tmp_path / "file" / "below")
