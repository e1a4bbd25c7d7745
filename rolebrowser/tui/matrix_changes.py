"""What is otherwise in the matrix than at the last look, cell by cell. Pure.

Two looks number roles and objects each in its own way: they are matched by their names. What one
of the looks couldn't see hasn't changed, as far as anybody knows.
"""

from __future__ import annotations

from collections.abc import Callable

from rolebrowser.grants.picture import Cell, Level, Picture, RightsRow

CHANGED = "▌"
"""To the left of a cell that isn't as it was."""


class ComparedRow:
    """A role's row, and what it was.

    Args:
        before: None: the role wasn't there.
        numbers: of the objects then, by their numbers now; those that are new are not in it.
        seen: whether both looks could see the cell of an object, by its number.
    """

    def __init__(
        self,
        row: RightsRow,
        before: RightsRow | None,
        numbers: dict[int, int],
        seen: Callable[[int], bool],
    ) -> None:
        self._row = row
        self._seen = seen
        self._before = before
        self._numbers = numbers

    def cell(self, number: int) -> Cell:
        """The cell of an object as it is."""
        return self._row.cell(number)

    def was(self, number: int) -> Cell | None:
        """The cell as it was; None where the role or the object is new."""
        then = self._numbers.get(number)
        return self._before.cell(then) if self._before is not None and then is not None else None

    def changed(self, number: int) -> bool:
        """Whether it isn't as it was: of what is new, whether there is anything."""
        now, was = self.cell(number), self.was(number)
        different = any(now.letters) if was is None else now != was
        return different and self._seen(number)


class Comparison:
    """Two looks at a level of the matrix.

    Args:
        now, before: the looks.
        level: of the one of now; the other may have none of that name.
    """

    def __init__(self, now: Picture, before: Picture, level: Level) -> None:
        self._now, self._before = now, before
        self._level = level
        there = next((each for each in before.levels if each.name == level.name), None)
        self._there = there
        then = {head.title: head.number for head in before.objects(there)} if there else {}
        self._numbers = {
            head.number: then[head.title] for head in now.objects(level) if head.title in then
        }
        self._heads = {head.number: head for head in now.objects(level)}
        self._role_heads = {head.number: head for head in now.roles}
        then_roles = {head.name: head.number for head in before.roles}
        self._roles = {
            head.number: then_roles[head.name] for head in now.roles if head.name in then_roles
        }

    def row(self, role: int) -> ComparedRow:
        """A role's row with what it was; up to twice the time of one."""
        before = None
        if self._there is not None and role in self._roles:
            before = self._before.row(self._roles[role], self._there)
        head = self._role_heads[role]

        def seen(number: int) -> bool:
            thing = self._heads[number]
            return self._before.sees(head, thing) and self._now.sees(head, thing)

        return ComparedRow(self._now.row(role, self._level), before, self._numbers, seen)
