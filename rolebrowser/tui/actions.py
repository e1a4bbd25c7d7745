"""THE table of what can be done. `keys.py` makes bindings, `?` and the README's keys of it.

An action's id is `scope.name`: the scope names the screen, or the page or widget of it, that
carries it out ("app" = anywhere), the name its method `action_name`. Whether it is possible now,
and why not, is the carrier's to say (`Acting.unavailable`).
"""

from __future__ import annotations

from rolebrowser.tui.action import Action

ACTIONS: tuple[Action, ...] = (
    Action("app.help", "question_mark,f1", "Help", "Show the keys of this screen", footer=True),
    Action("app.palette", "colon,ctrl+p", "Palette", "Find any action by name", palette=False),
    Action("app.quit", "ctrl+q,q", "Quit", "Close every connection and leave", footer=True),
    Action(
        "app.next_connection",
        "f8,ctrl+tab",
        "Next connection",
        "Go round the open connections and the browser",
        priority=True,
    ),
    Action("app.theme", "f12", "Theme", "Switch between the dark and the light theme"),
    Action("browser.forward", "right,l", "Right", "Go one column to the right", palette=False),
    Action("browser.back", "left,h", "Left", "Go one column to the left", palette=False),
    Action(
        "browser.stop",
        "escape",
        "Stop",
        "Stop what AWS is being asked; else end the filter, or go a column left",
    ),
    # With priority, as each key that leads to a line to type in: what is typed right behind it
    # belongs there, and would be commands here.
    Action(
        "browser.filter",
        "slash",
        "Filter",
        "Filter the column that has focus",
        footer=True,
        priority=True,
    ),
    Action(
        "browser.refresh",
        "r",
        "Refresh",
        "Read the profiles again, or ask AWS again for the roles or databases",
        footer=True,
    ),
    Action(
        "browser.renew", "R", "Renew", "Get a fresh AWS session for the chosen profile", footer=True
    ),
    Action("browser.about", "i", "Info", "Everything known of the profile or role", footer=True),
    Action("browser.log_in", "L", "Log in", "Log in to SSO anew, for every profile of the login"),
    Action("browser.duration", "T", "Length", "Get a session of a length you choose"),
    Action("browser.console", "o", "Console", "Open the web console as the profile or role"),
    Action("browser.copy_env", "e", "Copy env", "Copy the line that puts the session into a shell"),
    Action("browser.copy_exec", "E", "Copy exec", "Copy the line that runs a program with it"),
    Action("browser.forget", "x", "Forget", "Drop the session under the cursor from the caches"),
    Action("browser.forget_all", "X", "Forget all", "Drop every cached session and SSO login"),
    Action(
        "browser.roles",
        "a",
        "Roles",
        "List the roles a profile may assume, or not; of an SSO login, what it opens",
    ),
    Action(
        "browser.roles_everywhere",
        "A",
        "All roles",
        "List the roles of every profile that can be asked without you",
    ),
    Action(
        "browser.find_database",
        "f",
        "Find",
        "Find a database anywhere: every account, several regions at once",
    ),
    Action(
        "browser.why",
        "w",
        "Why",
        "Why one may, or may not, assume the role or log in as the user under the cursor",
        footer=True,
        fleeting=True,
    ),
    Action("browser.type_user", "u", "User", "Type the database user to log in as", footer=True),
    Action(
        "browser.connect",
        "c",
        "Connect",
        "Connect to what is chosen, or go there if it is open",
        footer=True,
    ),
    Action(
        "browser.another",
        "O",
        "Another",
        "Open one more connection to the bookmark or what is chosen, also where one is open",
    ),
    Action("browser.route", "t", "Route", "Choose the way: direct, an address, SSM or ssh"),
    Action("browser.bookmark", "m", "Bookmark", "Keep what is chosen as a bookmark", footer=True),
    Action(
        "browser.doctor",
        "d",
        "Doctor",
        "Check the whole road to what is chosen: why can't I connect?",
        footer=True,
    ),
    Action("browser.copy", "y", "Copy", "Copy the ARN, endpoint or name under the cursor"),
    *(
        Action(
            f"browser.open_{digit}",
            str(digit),
            f"Bookmark {digit}",
            f"Connect to bookmark {digit}, or go there if it is open",
            palette=digit == 1,
        )
        for digit in range(1, 10)
    ),
    Action("browser.demo", "D", "Demo", "Start again in the demo: a small AWS and PostgreSQL here"),
    Action(
        "sql.run",
        "f5,ctrl+j,ctrl+enter",
        "Run",
        "Run the statement or backslash command at the cursor, or the selection",
        footer=True,
        priority=True,
    ),
    Action("sql.explain", "alt+e", "Explain", "Show the plan of the statement at the cursor"),
    Action(
        "sql.explain_analyze",
        "alt+x",
        "Explain analyze",
        "Execute the statement and show how its plan went; a change is rolled back",
    ),
    Action("sql.commit", "alt+c", "Commit", "Commit the open transaction"),
    Action("sql.roll_back", "alt+r", "Roll back", "Roll the open transaction back"),
    Action(
        "sql.autocommit",
        "alt+a",
        "Autocommit",
        "Switch between autocommit and committing by hand",
    ),
    Action("sql.run_all", "f9", "Run all", "Run every statement in the editor in order"),
    Action(
        "sql.why",
        "w",
        "Why",
        "After a permission was denied: why, gate by gate, and what would change it",
        footer=True,
        fleeting=True,
    ),
    Action("matrix.open", "enter", "Why", "Why this cell is as it is, gate by gate", footer=False),
    Action(
        "grants.why", "w", "Why", "Why a role can, or can't: gate by gate, verified", footer=True
    ),
    Action(
        "grants.role",
        "e",
        "Role",
        "Everything the role can do, by path; its memberships up and down",
        footer=True,
    ),
    Action(
        "grants.table",
        "t",
        "Who",
        "Who can reach the object: owner, PUBLIC, roles, columns, views, SET ROLE",
        footer=True,
    ),
    Action(
        "grants.filter",
        "slash",
        "Filter",
        "Filter roles and objects, or lines",
        footer=True,
        priority=True,
    ),
    Action("grants.zoom", "z", "Zoom", "Tables, schemas, columns, sequences …", footer=True),
    Action("grants.zoom_out", "Z", "Zoom back", "The level before"),
    Action(
        "grants.fix",
        "f",
        "Fix",
        "Put the suggested statements into the editor; nothing is run",
        footer=True,
    ),
    Action(
        "grants.compare",
        "c",
        "Compare",
        "Compare with another role, or with the same one in another connection",
        footer=True,
    ),
    Action("grants.refresh", "r", "Refresh", "Look again, and say what has changed", footer=True),
    Action("grants.matrix", "m", "Matrix", "Roles × objects, a letter for each privilege"),
    Action("grants.changes", "n", "Changes", "What has changed since the look before"),
    Action(
        "grants.seen", "s", "As seen", "role_table_grants as it is, and what it leaves out, counted"
    ),
    Action("grants.classic", "v", "SQL", "The SQL that the classic tools would run, beside it"),
    Action("grants.system", "S", "System", "Show or hide the server's own roles and objects"),
    Action("grants.next_privilege", "right", "Next", "In Why: the next privilege", palette=False),
    Action(
        "grants.previous_privilege", "left", "Previous", "In Why: the one before", palette=False
    ),
    Action("grants.copy", "y", "Copy", "Copy the line, or its statements"),
    Action(
        "connection.back",
        "escape",
        "Back",
        "Cancel what runs, else leave the editor, else go back to the browser",
        footer=True,
    ),
    Action(
        "sql.next_pane",
        "f6",
        "Next pane",
        "Move between editor, results and overview",
        priority=True,
    ),
    Action(
        "sql.overview",
        "f2",
        "Overview",
        "Show or hide \\du and role_table_grants",
        footer=True,
    ),
    Action(
        "connection.next_tab",
        "f7",
        "Next tab",
        "Go round SQL, Roles and Grants",
        footer=True,
        priority=True,
    ),
    Action(
        "editor.complete",
        "ctrl+@,ctrl+space",
        "Complete",
        "List the names and words that may stand at the cursor",
    ),
    Action("editor.history", "ctrl+r", "History", "Find a statement that was run before"),
    Action("editor.older", "alt+up,ctrl+up", "Older", "Show the statement run before this one"),
    Action("editor.newer", "alt+down,ctrl+down", "Newer", "Go back towards what you were writing"),
    Action("editor.open_query", "ctrl+o", "Open query", "Find, open or delete a saved query"),
    Action(
        "editor.save_query",
        "ctrl+s",
        "Save query",
        "Save the selection, or the whole text, under a name in queries.sql",
    ),
    # With priority: what is typed right behind these keys must find the editor they lead to.
    Action("editor.new_editor", "ctrl+t", "New editor", "Open one more editor tab", priority=True),
    Action(
        "editor.next_editor",
        "alt+right,ctrl+pagedown",
        "Next editor",
        "Show the editor tab to the right",
        priority=True,
    ),
    Action(
        "editor.previous_editor",
        "alt+left,ctrl+pageup",
        "Previous editor",
        "Show the editor tab to the left",
        priority=True,
    ),
    Action("editor.close_editor", "alt+w", "Close editor", "Close the editor tab in view"),
    Action("editor.outside", "ctrl+g", "Edit outside", "Edit the text in $VISUAL or $EDITOR"),
    Action("editor.format", "alt+q", "Format", "Lay the selection, or the whole text, out anew"),
    Action("connection.refresh", "ctrl+l", "Refresh", "Ask again for what the tab shows"),
    Action(
        "connection.read_write",
        "f4",
        "Read-write",
        "Switch between read-only and read-write; guarded targets ask for the database's name",
        footer=True,
    ),
    Action("connection.reconnect", "f3", "Reconnect", "Log in anew with a fresh token"),
    Action("connection.close", "f10", "Close", "Close this connection", footer=True),
    Action("connection.about", "i", "Info", "How this connection came about: session, CA, route …"),
    Action("connection.doctor", "d", "Doctor", "Check the whole road here, step by step"),
    Action(
        "failure.doctor",
        "d",
        "Doctor",
        "Make every check, also past the failure, and name the likely cause",
        footer=True,
    ),
    Action("failure.route", "t", "Route", "Try another way to the database", footer=True),
    Action("failure.retry", "r,enter", "Retry", "Try to connect once more", footer=True),
    Action("failure.copy", "y", "Copy", "Copy the checks and the error as text", footer=True),
    Action(
        "results.next_result", "right_square_bracket", "Next result", "Show the result to the right"
    ),
    Action(
        "results.previous_result",
        "left_square_bracket",
        "Previous result",
        "Show the result to the left",
    ),
    Action("results.close_result", "ctrl+w", "Close result", "Close the result in view"),
    Action("grid.view_cell", "enter", "View", "Show the whole cell", footer=True),
    Action("grid.copy_cell", "y", "Copy", "Copy the cell"),
    Action("grid.copy_row", "Y", "Copy row", "Copy the row, tab-separated"),
    Action(
        "grid.copy_as",
        "c",
        "Copy as",
        "Copy cell, row, column or all loaded rows as text, CSV, JSON, INSERTs or Markdown",
        footer=True,
    ),
    Action("grid.export", "e", "Export", "Write the whole result to a file", footer=True),
    Action(
        "grid.search",
        "slash",
        "Search",
        "Search in the loaded rows",
        footer=True,
        priority=True,
    ),
    Action("grid.next_match", "n", "Next match", "Go to the next cell that holds it"),
    Action("grid.previous_match", "N", "Previous match", "Go to the one before"),
    Action(
        "grid.sort",
        "s",
        "Sort",
        "Sort the loaded rows by this column: up, down, the server's order",
        footer=True,
    ),
    Action("grid.vertical", "x", "\\x", "Show rows as records, and back", footer=True),
    Action("grid.wider", "greater_than_sign", "Wider", "Give the column more room"),
    Action("grid.narrower", "less_than_sign", "Narrower", "Give the column less room"),
    Action("grid.load_all", "L", "Load all", "Load every row of the result"),
    Action("plan.details", "enter", "Details", "All that is known of the step", footer=True),
    Action("plan.unfold", "right,l", "Unfold", "Show what is below the step", palette=False),
    Action("plan.fold", "left,h", "Fold", "Hide what is below the step, or go up to the one above"),
    Action("plan.fold_all", "z", "Fold all", "Fold every step, or unfold them all", footer=True),
    Action(
        "plan.heaviest",
        "s",
        "Slowest",
        "Go to the step that takes most time by itself, or cost where no time is known",
        footer=True,
    ),
    Action(
        "plan.next_far",
        "n",
        "Misjudged",
        "Go to the next step with ten times more or fewer rows than expected",
        footer=True,
    ),
    Action("plan.previous_far", "N", "Misjudged, back", "Go to the one before"),
    Action("plan.copy_plan", "y", "Copy", "Copy the whole plan as text", footer=True),
)

BY_ID = {action.id: action for action in ACTIONS}


def scope(name: str) -> tuple[Action, ...]:
    """The actions of one scope, in the table's order."""
    return tuple(action for action in ACTIONS if action.scope == name)
