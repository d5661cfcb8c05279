"""`{% translate %}`, `{% url %}` and `{% static %}` of what their template writes whole: looked up once, not at each page."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import FilterExpression, Node, Parser, Token, Variable
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as do_url
from django.templatetags.i18n import TranslateNode, do_translate
from django.templatetags.static import StaticNode, do_static
from django.utils.translation import get_language

from pole.caching.in_process import BoundedCache, process_cache

register = template.Library()

# By node, language, and whether it escapes: more than all templates have.
_made: BoundedCache[tuple[object, ...], str] = process_cache(limit=20_000)


class ConstantNode(Node):
    """What `node` says, in each language; `name` is the variable that it sets rather than being shown."""

    child_nodelists = ()

    def __init__(self, node: Node, name: str | None) -> None:
        self._node, self._name = node, name

    def render(self, context: Context) -> Any:
        key = (self, get_language(), context.autoescape)
        made = _made.get(key)
        if made is None:
            shown = self._node.render(context)
            made = _made[key] = context[self._name] if self._name else shown
        if self._name is None:
            return made
        context[self._name] = made
        return ""


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    node: TranslateNode = do_translate(parser, token)
    is_constant = _is_text(node.filter_expression) and not node.noop
    if is_constant and (node.message_context is None or _is_text(node.message_context)):
        return ConstantNode(node, node.asvar)
    return node


@register.tag
def url(parser: Parser, token: Token) -> Node:
    node: URLNode = do_url(parser, token)
    # Those of the admin may depend on the request.
    is_constant = _is_text(node.view_name) and not str(node.view_name.var).startswith("admin:")
    return ConstantNode(node, node.asvar) if is_constant and not node.args and not node.kwargs else node


@register.tag
def static(parser: Parser, token: Token) -> Node:
    node: StaticNode = do_static(parser, token)
    return ConstantNode(node, node.varname) if _is_text(node.path) else node


def _is_text(expression: FilterExpression) -> bool:
    """Whether it is a text between quotes, without any filter."""
    var = expression.var
    literal = var.literal if isinstance(var, Variable) else var
    return isinstance(literal, str) and not expression.filters
