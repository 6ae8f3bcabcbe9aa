"""What is stored, and its rules. Nothing here knows about pages, requests or search."""

from .attachments import Attachment
from .collections import Collection, CollectionItem, SavedQuery
from .dates import PartialDateField
from .initiatives import Initiative, InitiativeQuerySet
from .lineage import PolicyRelation
from .parts import (
    Evidence,
    Figure,
    Participation,
    PolicyLink,
    ThemeLink,
    TopicLink,
)
from .places import District, PlaceAlias, Subdistrict
from .policies import PolicyDocument, PolicyStatement
from .revisions import Bitmap, Event, IndexState, Revision
from .sources import Source
from .vocabulary import Actor, Grade, Mechanism, SynonymSet, Theme, Topic

__all__ = [
    "Actor",
    "Attachment",
    "Bitmap",
    "Collection",
    "CollectionItem",
    "District",
    "Event",
    "Evidence",
    "Figure",
    "Grade",
    "IndexState",
    "Initiative",
    "InitiativeQuerySet",
    "Mechanism",
    "PartialDateField",
    "Participation",
    "PlaceAlias",
    "PolicyDocument",
    "PolicyLink",
    "PolicyRelation",
    "PolicyStatement",
    "Revision",
    "SavedQuery",
    "Source",
    "Subdistrict",
    "SynonymSet",
    "Theme",
    "ThemeLink",
    "Topic",
    "TopicLink",
]
