"""How the rows of a kept query are made. Peewee works that out for each row anew; here it is done once.

The rows are what Peewee's own would be (`test_rows`): models with what was joined, tuples, what `objects()` named.
"""
from peewee import (
    BooleanField,
    CursorWrapper,
    Field,
    FieldAlias,
    ForeignKeyField,
    IntegerField,
    ModelCursorWrapper,
    ModelObjectCursorWrapper,
    ModelTupleCursorWrapper,
    TextField,
)
from playhouse.fields import EnumFieldMixin


def maker(wrapper):
    """The function that makes a row of what a cursor gives. `wrapper` is Peewee's for a cursor of the same query."""
    kind = type(wrapper)
    if kind is CursorWrapper:
        return tuple
    wrapper.initialize()
    if kind is ModelTupleCursorWrapper:
        return _tuples(wrapper)
    if kind is ModelObjectCursorWrapper:
        return _objects(wrapper)
    return _models(wrapper) if kind is ModelCursorWrapper else wrapper.process_row


def as_text(column, name: str):
    """The column of an enum as text. In a union its converter would be asked to read what others have there."""
    return column.cast("TEXT").alias(name)


def _tuples(wrapper):
    converters = _converters(wrapper)
    return lambda row: tuple([value if convert is None else convert(value)
                              for value, convert in zip(row, converters, strict=True)])


def _objects(wrapper):
    converters = _converters(wrapper)
    columns = [(place, wrapper.unique_columns[place], converters[place])
               for place in [*wrapper.no_convert, *wrapper.convert]]
    if wrapper.is_model:
        return _instance(wrapper.constructor, columns)
    make = wrapper.constructor
    return lambda row: make(**{name: row[place] if convert is None else convert(row[place])
                               for place, name, convert in columns})


def _models(wrapper):
    """Rows of models with those that were joined to them."""
    if not all(each for _key, _constructor, each in wrapper._constructor_list):
        return wrapper.process_row
    root, converters = wrapper.model, _converters(wrapper)
    columns = {key: [] for key, _constructor, _is_model in wrapper._constructor_list}
    for place, key, name, _convert in wrapper._row_spec:
        columns[key if key in columns else root].append((place, name, converters[place]))
    makers = [(key, _instance(constructor, columns[key]), [place for place, *_rest in columns[key]])
              for key, constructor, _is_model in wrapper._constructor_list]
    if len(makers) == 1:
        return makers[0][1]
    joins = [(*each[:3], each[4], each[5], wrapper._dest_reachable.get(each[2])) for each in wrapper.src_to_dest]

    def make(row):
        objects = {key: made(row) for key, made, _places in makers}
        found = {key for key, _made, places in makers if any(row[place] is not None for place in places)}
        for join in joins:
            _attach(objects, found, *join)
        return objects[root]
    return make


def _attach(objects, found, source, name, joined, outer, is_key, reachable):
    """Hangs what was joined on what it was joined to, as ModelCursorWrapper.process_row does."""
    instance, value = objects[source], objects[joined]
    if joined not in found and not (reachable and reachable & found):
        if not outer or source not in found:
            return
        value = None
    if is_key and value is None:
        instance.__rel__[name] = None
        return
    setattr(instance, name, value)
    instance._dirty.clear()


def _instance(model, columns):
    """A function that makes an instance of `columns` (place, name, converter), as Model.__init__ and setattr do."""
    fields = [each for each in columns if each[1] in model._meta.fields]
    others = [each for each in columns if each[1] not in model._meta.fields]
    new = model.__new__

    def make(row):
        instance = new(model)
        instance.__data__ = {name: row[place] if convert is None else convert(row[place])
                             for place, name, convert in fields}
        instance._dirty, instance.__rel__ = set(), {}
        for place, name, convert in others:
            setattr(instance, name, row[place] if convert is None else convert(row[place]))
        return instance
    return make


def _converters(wrapper):
    """A converter or None for each column. What is no field but has the name of one is left to Peewee's guess."""
    return [convert if convert is None or field is None else _needed(convert)
            for convert, field in zip(wrapper.converters, wrapper.fields, strict=True)]


def _needed(convert):
    """A column's converter; None where both databases give the value as it is to be. Tables are strict on SQLite."""
    field = getattr(convert, "__self__", None)
    if isinstance(field, FieldAlias):
        return _needed(field.field.python_value)
    if not isinstance(field, Field):
        return convert
    if isinstance(field, EnumFieldMixin):
        return _member(field)
    if isinstance(field, ForeignKeyField):
        return _needed(field.rel_field.python_value)
    if isinstance(field, TextField | IntegerField) and type(field).python_value is Field.python_value \
            and not isinstance(field, BooleanField):
        return None
    return convert


def _member(field):
    members = {member.value: member for member in field.enum_class}

    def member(value):
        found = members.get(value)
        return found if found is not None or value is None else field.python_value(value)
    return member
