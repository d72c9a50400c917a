"""Reads a script's tree: can its body bind `main`, and can it call it?

What counts is what runs with the body: statements at module level, however deep
in if, for, try and the like, and class bodies. Doubt counts as yes.
"""

import _ast

MAIN = "main"
# No script can write this name, and as a builtin `globals()` does not show it.
HOOK = "jobcell: main may be bound"
DEFINITIONS = (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef)
FUNCTIONS = (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.Lambda)
IMPORTS = (_ast.Import, _ast.ImportFrom)
CAPTURES = (_ast.MatchAs, _ast.MatchStar, _ast.ExceptHandler)
PLACE = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}


class Survey:
    def __init__(self, tree, source):
        # Whether the body can run code that is not in sight, so call `main`.
        self.acts = False
        # The statements whose own part (not the blocks in them) binds `main`.
        self.binders = set()
        for block in _every_block(tree.body):
            for statement in block:
                self._look(statement)
        # By `exec`, `globals()` or a function's `global main` no statement shows it.
        self.unseen = self.acts and (not self.binders or _binds_from_afar(source))

    @property
    def may_bind(self):
        return self.acts or bool(self.binders)

    def _look(self, statement):
        nodes = [statement]
        inner = _inner_statements(statement)
        while nodes:
            node = nodes.pop()
            # Of what stands in a class body, only `global main` reaches out of it.
            in_class = isinstance(statement, _ast.ClassDef) and node is not statement
            if _binds(node) and not in_class or isinstance(node, _ast.Global) and MAIN in node.names:
                self.binders.add(statement)
            self.acts = self.acts or _acts(node)
            nodes += [child for child in _children(node) if child not in inner]


def weave(tree, survey):
    """Put a call of the hook behind every statement that may have bound `main`."""
    call = _ast.Call(_ast.Name(HOOK, _ast.Load(), **PLACE), [], [], **PLACE)
    mark = _ast.Expr(call, **PLACE)
    for block in list(_every_block(tree.body)):
        woven = []
        for statement in block:
            woven.append(statement)
            if statement in survey.binders:
                for inner in _blocks(statement):
                    inner.insert(0, mark)
                woven.append(mark)
            elif survey.unseen and not _leads(statement):
                woven.append(mark)
        block[:] = woven


def _binds_from_afar(source):
    return "global" in source and any("global" in line and MAIN in line for line in source.split("\n"))


def _every_block(block):
    waiting = [block]
    while waiting:
        block = waiting.pop()
        yield block
        for statement in block:
            waiting += _blocks(statement)


def _blocks(statement):
    """The lists of statements in a compound one that run at its own level."""
    if isinstance(statement, DEFINITIONS):
        return []
    blocks = [getattr(statement, field, None) for field in ("body", "orelse", "finalbody")]
    for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        blocks.append(branch.body)
    return [block for block in blocks if block]


def _inner_statements(statement):
    return {inner for block in _blocks(statement) for inner in block}


def _children(node):
    """All nodes below that run with this one: of a function the head, not the body."""
    for field in node._fields:
        if field == "body" and isinstance(node, FUNCTIONS):
            continue
        value = getattr(node, field, None)
        if isinstance(value, list):
            yield from (item for item in value if isinstance(item, _ast.AST))
        elif isinstance(value, _ast.AST):
            yield value


def _binds(node):
    if isinstance(node, _ast.Name):
        return node.id == MAIN and isinstance(node.ctx, _ast.Store)
    if isinstance(node, DEFINITIONS + CAPTURES):
        return node.name == MAIN
    if isinstance(node, IMPORTS):
        return any(alias.name == "*" or (alias.asname or alias.name.partition(".")[0]) == MAIN for alias in node.names)
    return isinstance(node, _ast.MatchMapping) and node.rest == MAIN


def _acts(node):
    """A call, a context manager, an item or attribute set, a decorator, a class's bases."""
    if isinstance(node, (_ast.Call, _ast.With)):
        return True
    if isinstance(node, (_ast.Attribute, _ast.Subscript)):
        return not isinstance(node.ctx, _ast.Load)
    if isinstance(node, DEFINITIONS):
        return bool(node.decorator_list or getattr(node, "bases", ()) or getattr(node, "keywords", ()))
    return isinstance(node, _ast.ImportFrom) and node.names[0].name == "*"


def _leads(statement):
    """A docstring or a `__future__` import must stay ahead of what is put in."""
    if isinstance(statement, _ast.Expr):
        return isinstance(statement.value, _ast.Constant)
    return isinstance(statement, IMPORTS)
