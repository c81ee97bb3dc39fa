"""Orders: binding acts of independent authorities, which every gateway that follows the charter carries out.

What this door offers: read an order and the mandates of authorities, say whether an order is within its mandate, select
those in force at a moment, and compile them to Cedar. Orders can only restrict, must end, and carry their legal basis,
reasons and means of redress; what breaks that has no effect, and the reason is told.

Not done here: who signed (TUF, `adapters/tuf_client`), and deciding under them (`decide`).
"""

from bouclier.charter.order_cedar import CompiledOrders, OrderWarning, compile_orders
from bouclier.charter.order_force import OrdersInForce, orders_digest, orders_in_force
from bouclier.charter.order_mandate import overreach, that_count
from bouclier.charter.order_model import (
    EFFECTS,
    MAX_ORDER_BYTES,
    MAX_ORDERS,
    MAX_ORDERS_BYTES,
    UNION,
    BilingualLine,
    BilingualParagraphs,
    CapClass,
    Effect,
    ForbidJurisdiction,
    LocalOnly,
    Mandate,
    Order,
    OrderError,
    Published,
    Refused,
    RequireEvaluation,
    RequireHumanReview,
    RequireWarning,
    Selector,
    Suspend,
    kind_of,
)
from bouclier.charter.order_reading import parse_authorities, parse_order, render_order

__all__ = [
    "EFFECTS",
    "MAX_ORDERS",
    "MAX_ORDERS_BYTES",
    "MAX_ORDER_BYTES",
    "UNION",
    "BilingualLine",
    "BilingualParagraphs",
    "CapClass",
    "CompiledOrders",
    "Effect",
    "ForbidJurisdiction",
    "LocalOnly",
    "Mandate",
    "Order",
    "OrderError",
    "OrderWarning",
    "OrdersInForce",
    "Published",
    "Refused",
    "RequireEvaluation",
    "RequireHumanReview",
    "RequireWarning",
    "Selector",
    "Suspend",
    "compile_orders",
    "kind_of",
    "orders_digest",
    "orders_in_force",
    "overreach",
    "parse_authorities",
    "parse_order",
    "render_order",
    "that_count",
]
