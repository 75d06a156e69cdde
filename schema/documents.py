"""Documents, read once: parsed, limited and validated, then kept by their text."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types.graphql import OperationType

from schema.charges import REFUSED_DOCUMENT, Ledger, Throttle
from schema.costs import Price
from schema.errors import ErrorCode, PublicError, of_library
from schema.introspection import introspects
from schema.limits import Limits, check
from schema.reads.plans import Plans
from schema.sign_ins import login_of, secret_tried

# Built once: a rule made per request is a new class, and caches keyed by rules never hit.
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_MAX_ERRORS = 20
_BYTES_PER_TOKEN = 640  # measured: the nodes, their places and the token itself


class Operation:
    """One operation of a document, and what is known of it however often it runs."""

    def __init__(self, document: DocumentNode, node: OperationDefinitionNode, limits: Limits) -> None:
        self.document, self.node = document, node
        self.kind = OperationType(node.operation.value)
        self._limits = limits

    @cached_property
    def secret(self) -> FieldNode | None:
        """The root field by which it tries a secret."""
        return secret_tried(self.document, self.node, self._limits.sign_in_fields)

    @cached_property
    def introspects(self) -> bool:
        """Whether it asks about the schema."""
        return introspects(self.document, self.node)


@dataclass(frozen=True, slots=True)
class Checked:
    """A document and what is wrong with it; with errors it must not be run, and has no price. `plans`: the
    statements that its reads were compiled to. `operations`: by their names, in their order."""

    document: DocumentNode
    operations: Mapping[str | None, Operation]
    errors: tuple[GraphQLError, ...] = ()
    price: Price | None = None
    plans: Plans = field(default_factory=Plans)

    def operation(self, name: str | None) -> Operation | None:
        """The operation of the name; without a name, the first."""
        if name is None:
            return next(iter(self.operations.values()), None)
        return self.operations.get(name)


class Documents:
    """The documents of one schema.

    Only documents without errors are kept, so that nobody can push out the good ones with bad ones; those
    unused for longest go first. `memory` is the most that all of them may take, in bytes, estimated. What the
    operator trusts stands beside them and never goes.
    """

    def __init__(self, limits: Limits | None = None, *, memory: int = 48 * 2**20) -> None:
        self.limits = limits or Limits()
        self.hits = self.misses = 0
        self._memory, self._taken = memory, 0
        self._kept: OrderedDict[str, Checked] = OrderedDict()
        self._trusted: dict[str, Checked] = {}

    def trust(self, schema: GraphQLSchema, text: str) -> Checked:
        """The document of this text, kept for good if nothing is wrong with it. Raises PublicError where it
        does not parse."""
        checked = self._checked(schema, text)
        if not checked.errors:
            self._trusted[text] = checked
        return checked

    def read(self, schema: GraphQLSchema, text: str) -> Checked:
        """The document of this text. Raises PublicError where it does not parse."""
        if trusted := self._trusted.get(text):
            self.hits += 1
            return trusted
        if kept := self._kept.get(text):
            self.hits += 1
            self._kept.move_to_end(text)
            return kept
        self.misses += 1
        checked = self._checked(schema, text)
        if not checked.errors:
            self._keep(text, checked)
        return checked

    def _checked(self, schema: GraphQLSchema, text: str) -> Checked:
        document = _parsed(text, self.limits)
        operations = _operations(document, self.limits)
        if beyond := check(document, self.limits):
            return Checked(document, operations, tuple(beyond))
        invalid = validate(schema, document, _RULES, max_errors=_MAX_ERRORS, hide_suggestions=True)
        if invalid:
            return Checked(document, operations, tuple(map(_invalid, invalid)))
        return Checked(document, operations, price=Price(schema, document))

    def _keep(self, text: str, checked: Checked) -> None:
        self._kept[text] = checked
        self._taken += _bytes(text, checked)
        while self._taken > self._memory:
            self._taken -= _bytes(*self._kept.popitem(last=False))


def _bytes(text: str, checked: Checked) -> int:
    return _BYTES_PER_TOKEN * checked.document.token_count + 4 * len(text)


@dataclass(slots=True)
class Asked:
    """One operation before it runs: its document is read, judged and paid for, in this order.

    `asker`: the context of the operation, which may have a ledger. `points`: what it has paid."""

    documents: Documents
    schema: GraphQLSchema
    text: str
    operation_name: str | None
    variables: Mapping[str, Any] | None
    asker: Any
    checked: Checked = field(init=False)
    points: int | None = None
    throttle: Throttle | None = None

    def read(self) -> Checked:
        """The document of the text. Raises PublicError where it does not parse, or its asker has nothing
        left."""
        if ledger := self._ledger:
            ledger.admit(self.asker)
        try:
            self.checked = self.documents.read(self.schema, self.text)
        except PublicError:
            self._punish()
            raise
        if self.checked.errors:
            self._punish()
        return self.checked

    def refused(self) -> list[GraphQLError]:
        """Everything that is wrong with the document or with running it now; with nothing, it is paid for."""
        errors = [*self.checked.errors, *self._unnamed()]
        if not errors:
            try:
                self._pay()
            except PublicError as unpaid:
                errors.append(unpaid)
        return errors

    @property
    def cost(self) -> dict[str, Any]:
        """What the answer tells of it."""
        if self.points is None or self._ledger is None:
            return {}
        cost: dict[str, Any] = {"requestedQueryCost": self.points}
        if self.throttle is not None:
            cost["throttleStatus"] = self.throttle.as_data()
        return {"cost": cost}

    @property
    def _ledger(self) -> Ledger | None:
        return getattr(self.asker, "ledger", None)

    def _unnamed(self) -> Iterator[PublicError]:
        if self.operation_name is None and len(self.checked.operations) > 1:
            # A client that forgot the name must not sign anything.
            yield PublicError(ErrorCode.OPERATION_RESOLUTION_FAILURE)

    def _pay(self) -> None:
        """Raises PublicError for what costs too much at once, or more than its caller has left."""
        limit = self.documents.limits.cost
        assert self.checked.price is not None, "a document without errors has a price"
        points = self.checked.price.of(self.operation_name, self.variables)
        if points > limit:
            self._punish()
            found = {"limit": limit, "found": points}
            raise PublicError(ErrorCode.QUERY_TOO_COSTLY, details=found, limit=limit, found=points)
        if ledger := self._ledger:
            self.throttle = ledger.charge(self.asker, points, self._login())
        self.points = points

    def _login(self) -> str | None:
        operation = self.checked.operation(self.operation_name)
        if operation is None or operation.secret is None:
            return None
        return login_of(operation.secret, operation.node, self.variables or {})

    def _punish(self) -> None:
        if ledger := self._ledger:
            ledger.punish(self.asker, REFUSED_DOCUMENT)


def _operations(document: DocumentNode, limits: Limits) -> dict[str | None, Operation]:
    """Of two with one name the first; validation refuses the document."""
    found: dict[str | None, Operation] = {}
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            name = node.name.value if node.name else None
            found.setdefault(name, Operation(document, node, limits))
    return found


def _parsed(text: str, limits: Limits) -> DocumentNode:
    try:
        return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLSyntaxError as error:
        raise _unparsed(error, limits) from None


def _unparsed(error: GraphQLSyntaxError, limits: Limits) -> PublicError:
    """The parser gives up with one class for everything; only its last words tell why."""
    if error.message.endswith((" tokens. Parsing aborted.", " comments. Parsing aborted.")):
        return PublicError(ErrorCode.TOO_MANY_TOKENS, at=error, limit=limits.tokens)
    if error.message.endswith(" nested too deeply. Parsing aborted."):
        return PublicError(ErrorCode.QUERY_TOO_DEEP, at=error, limit=limits.depth)
    return PublicError(ErrorCode.GRAPHQL_PARSE_FAILED, at=error, detail=of_library(error.message))


def _invalid(error: GraphQLError) -> PublicError:
    return PublicError(ErrorCode.GRAPHQL_VALIDATION_FAILED, at=error, detail=of_library(error.message))
