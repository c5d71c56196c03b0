"""How templates become Python: the language of Jinja as it is, the code it makes shorter.

A page calls some hundreds of macros, words and addresses. Jinja asks of each call whether the callee wants the context,
and wraps each piece of output anew. None of our callees wants the context (`test_templating` holds them to it), so
calls are plain calls here; the page is the same, byte for byte.
"""
from jinja2 import Template
from jinja2.compiler import CodeGenerator, is_python_keyword
from jinja2.runtime import Macro, missing
from markupsafe import Markup, _escape_inner, escape

NUMBERS = (int, float)
KEPT_WORDS = 4096  # sentences of one language


def use(environment) -> None:
    """Makes an environment compile its templates so; before its first template."""
    environment.code_generator_class = PlainCode
    environment.template_class = PlainTemplate
    environment.filters["join"] = joined


def written(value) -> str:
    """A value as it stands in a page, escaped; as `escape`, but for plain text no Markup is made of it."""
    kind = type(value)
    if kind is Markup:
        return value
    return _escape_inner(value) if kind is str else escape(value)


class PlainTemplate(Template):
    """A template whose code finds `written` and `PlainMacro`; imported without context it is run once."""

    @classmethod
    def from_code(cls, environment, code, globals, uptodate=None):
        namespace = {"environment": environment, "__file__": code.co_filename,
                     "written": written, "PlainMacro": PlainMacro}
        exec(code, namespace)
        if globals == environment.globals:
            globals = environment.globals  # a plain dict, copied for each page in a tenth of the time of a ChainMap
        template = cls._from_namespace(environment, namespace, globals)
        template._uptodate = uptodate
        return template

    def _get_default_module(self, ctx=None):
        # Jinja compares the globals of both templates for each import; ours all share those of the environment
        return super()._get_default_module()


class PlainCode(CodeGenerator):
    """Writes calls without asking whether the callee wants the context, output without Markup around each piece."""

    def visit_Call(self, node, frame, forward_caller=False):
        if node.dyn_args or node.dyn_kwargs or any(is_python_keyword(each.key) for each in node.kwargs):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for each in [*node.args, *node.kwargs]:
            self.visit(each, frame)
            self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")

    def _output_child_pre(self, node, frame, finalize):
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("written(")

    def macro_def(self, macro_ref, frame):
        self.write("Plain")
        super().macro_def(macro_ref, frame)


class PlainMacro(Macro):
    """A macro that hands its arguments on as they are; what it cannot, it leaves to Jinja's own."""

    def __init__(self, environment, function, name, arguments, catch_kwargs, catch_varargs, caller, autoescape):
        super().__init__(environment, function, name, arguments, catch_kwargs, catch_varargs, caller, autoescape)
        self.names = None if catch_kwargs or catch_varargs or not autoescape else \
            (*arguments, "caller") if caller and "caller" not in arguments else arguments
        if self.names is not None:
            function.__defaults__ = (missing,) * len(arguments) + (
                () if self.names is arguments else (environment.undefined("No caller defined", name="caller"),))

    def __call__(self, *args, **kwargs):
        if self.names is None or len(args) > self._argument_count:
            return super().__call__(*args, **kwargs)
        if not kwargs:
            return Markup(self._func(*args))
        places, given = self._func.__code__.co_varnames, {}
        for name, value in kwargs.items():
            if name not in self.names or self.names.index(name) < len(args):
                return super().__call__(*args, **kwargs)
            given[places[self.names.index(name)]] = value
        return Markup(self._func(*args, **given))


def joined(values, between: str = "") -> str:
    """Jinja's filter `join` of plain values: what is markup stays so and makes the whole markup."""
    values = list(values)
    if any(hasattr(value, "__html__") for value in (*values, between)):
        return Markup(escape(between)).join(values)
    return str(between).join(map(str, values))


# Words

class Words:
    """What templates say in one language. `find` and `find_many` give a catalogue's own text of a message."""

    def __init__(self, find, find_many):
        self.find, self.find_many, self.said = find, find_many, {}

    def gettext(self, text: str, /, **values) -> Markup:
        """The translation with its values; what a page says without values is made once."""
        if values:
            return filled(self.find(text), values)
        if text not in self.said:
            if len(self.said) >= KEPT_WORDS:
                self.said.clear()
            self.said[text] = Markup(self.find(text)) % {}
        return self.said[text]

    def ngettext(self, one: str, more: str, num: int, /, **values) -> Markup:
        return filled(self.find_many(one, more, num), {"num": num, **values})


def filled(text: str, values: dict) -> Markup:
    """`Markup(text) % values`, sooner where the values are text and numbers."""
    safe = {}
    for name, value in values.items():
        kind = type(value)
        if kind is str:
            safe[name] = _escape_inner(value)
        elif kind is Markup:
            safe[name] = str(value)
        elif kind in NUMBERS:
            safe[name] = value
        else:
            return Markup(text) % values
    return Markup(text % safe)
