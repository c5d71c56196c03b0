"""Consent: prepared, given, refused, withdrawn, ended. Nothing is edited in place; each change is an event."""
from services.consents.changing import TRANSITIONS, By, Event, Transition
from services.consents.ending import begin_fortnight, end_all, expire, narrow, notices, tick, withdraw, withdraw_on_word
from services.consents.giving import (
    agree,
    agree_to_all,
    batch_hash,
    confirm,
    confirm_on_word,
    of_batch,
    refuse,
    refuse_on_word,
    sign_asked,
    write_down,
)
from services.consents.preparing import (
    ask,
    ask_for_link,
    helpers_of,
    prepare,
    prepare_for_helpers,
    refused_lately,
)
from services.consents.reading import (
    LIVING,
    asked_of,
    client_of,
    ending,
    holds,
    of_client,
    of_organisation,
    one_of_client,
    open_one,
    recipients,
    recipients_near,
)
from services.consents.wording import (
    OFFERED,
    TEXT_VERSION,
    needs_of,
    purpose_of,
    scope_sentence,
    scopes_of,
    shown,
    text,
    text_hash,
)
