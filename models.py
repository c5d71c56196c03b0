"""Tables and enums, nothing else; they stand in `tables/`, a room an area. Reading order: people, directory, changes,
search, trust, own, times, cooperation, visits, clients, plan, referrals, reports, feedback, messages, imports, audit.

`…_at` is a moment (UTC), `…_on` a day, `…_until` a last valid day. `public_id` is random, stands in addresses and
authorises nothing. Tables with `backref="+"` are reached through services/files.py only.
"""
from peewee import sort_models

from tables.audit import Action, Journal, JournalSeal
from tables.base import Public, Table, new_public_id
from tables.changes import Correction, CorrectionField, CorrectionState, FieldChange, RecordKind
from tables.clients import (
    Agreement,
    AgreementScope,
    BookingClient,
    Client,
    Consent,
    ConsentEvent,
    ConsentScope,
    ConsentState,
    DataKey,
    DeletionNotice,
    EmergencyAccess,
    JointDayClient,
    LeadEvent,
    Membership,
    ReleaseKind,
    ReleaseUnknown,
    Route,
    Scope,
    StandIn,
    Task,
    TaskKind,
    Withheld,
)
from tables.cooperation import (
    ChecklistStep,
    Clearance,
    ClearanceEvent,
    ClearanceReason,
    ClearanceState,
    Cooperation,
    CooperationEvent,
    CooperationReason,
    CooperationState,
    CooperationStep,
    Party,
    Visitor,
    Wanted,
)
from tables.coverage import (
    CoverageSnapshot,
    CoverageSnapshotCell,
    Gap,
    GapEvent,
    GapReason,
    GapState,
    UnmetCell,
    UnmetSnapshot,
)
from tables.directory import (
    Area,
    CapacityState,
    ConditionWhen,
    Confidence,
    ContactPerson,
    FactCheck,
    FactGroup,
    Fit,
    Form,
    JobOffer,
    Location,
    Need,
    OrganisationRegion,
    PrisonProfile,
    PrisonWork,
    Service,
    ServiceArea,
    ServiceCondition,
    ServiceDistrict,
    ServiceGroup,
    ServiceLocation,
    ServiceMunicipality,
    ServiceNeed,
    ServiceRegion,
    TargetGroup,
)
from tables.feedback import (
    MILESTONES,
    Barrier,
    Channel,
    FigureGroup,
    FollowUp,
    FollowUpNeed,
    NeedState,
    Prompt,
    PromptState,
    Reached,
    Snapshot,
    SnapshotCell,
    Step,
    StoppedBy,
    Wish,
)
from tables.groups import (
    AgendaItem,
    AgendaKind,
    Attendance,
    GroupMember,
    GroupTask,
    GroupTaskState,
    Introduction,
    Meeting,
    MeetingState,
    MinutesText,
    MinutesVersion,
    Presence,
    WorkingGroup,
)
from tables.imports import Fate, Import, ImportMapping, ImportMatch, ImportRow, ImportState, RegisterRecord
from tables.messages import DigestLine, Feed, MailPreference, Outbox, OutboxState, Telling, Topic
from tables.own import BookList, BookListEntry, BookNote, MailTemplate, ShortlistEntry
from tables.partners import QUESTIONS, PartnerReason, PartnerView, Verdict
from tables.people import (
    Attempt,
    District,
    Draft,
    Kind,
    Municipality,
    OneTimeToken,
    Organisation,
    OrganisationState,
    Region,
    Role,
    RulesAccepted,
    TokenKind,
    User,
    UserSession,
)
from tables.plan import (
    Claim,
    Conference,
    PlanApproval,
    PlanItem,
    PlanItemState,
    PlanList,
    RefusalReason,
    ReleaseOffer,
    Verification,
    VerificationAnswer,
)
from tables.programmes import (
    Endorsement,
    HeldPlaces,
    HeldState,
    LeavingReason,
    Participant,
    ParticipantState,
    Programme,
    ProgrammeEvent,
    ProgrammeKind,
    ProgrammeMonth,
    ProgrammeOutcome,
    ProgrammePartner,
    ProgrammeSession,
    ProgrammeSite,
    ProgrammeState,
    ProgrammeTarget,
    SessionAttendance,
)
from tables.referrals import (
    Closing,
    FamilyRequest,
    Level,
    Referral,
    ReferralAnswer,
    ReferralCondition,
    ReferralEvent,
    ReferralKind,
    ReferralLine,
    ReferralNeed,
    ReferralReason,
    ReferralState,
    ServiceQuestion,
)
from tables.reports import Report, ReportLine, ReportState
from tables.search import EntryKind, SearchChange, SearchEntry, SearchWord
from tables.times import AutomaticYes, Closure, JointDay, Place, Window, WindowKind
from tables.trust import (
    DeadAddress,
    Evidence,
    EvidenceKind,
    FreshnessLink,
    Offer,
    OfferEvent,
    OfferReason,
    OfferState,
    Sender,
    Vetting,
)
from tables.visits import (
    Booking,
    BookingAlternative,
    BookingEvent,
    BookingFlag,
    BookingRecord,
    BookingSeat,
    BookingSeries,
    BookingState,
    BookingVisitor,
    Equipment,
    FlagCause,
    Lane,
    Reason,
)

APPEND_ONLY = [BookingEvent, ClearanceEvent, CooperationEvent, ConsentEvent, FieldChange, GapEvent, Journal,
               JournalSeal, LeadEvent, OfferEvent, PlanApproval, ProgrammeEvent, ReferralEvent]
MODELS = sort_models([model for model in [*Table.__subclasses__(), *Public.__subclasses__()] if model is not Public])
