"""The demo company as a whole: `generate` makes it from a seed and a scale, without any clock."""

from __future__ import annotations

from demo import boards, complaints, dirt, identity, operations, people, public, surveys, units
from demo.world import AS_OF, CUTOFF, FIRST_DAY, Company, Landmarks, Unit, stream

__all__ = ["AS_OF", "CUTOFF", "FIRST_DAY", "SEED", "Company", "generate"]

SEED = 20260930


def generate(seed: int = SEED, scale: float = 1.0) -> Company:
    """Yunwu Tea, the same for the same `seed` and `scale` on every machine.

    Scale 1.0 is 40 stores, 4,000 customers and 30,000 orders over six months; the planted truths
    hold from 0.25 up. Raises ValueError for a scale below 0.05 (too few people to play the parts).
    """
    if scale < 0.05:
        raise ValueError(f"The demo company needs a scale of at least 0.05, not {scale}.")
    chain = units.make_units(stream(seed, "units"), scale)
    parts = _cast(seed, chain)
    stores = [unit for unit in chain if unit.kind == "store"]
    customers = people.make_customers(stream(seed, "customers"), stores, scale)
    orders = people.make_orders(stream(seed, "orders"), customers, stores, scale)
    invitations = surveys.make_invitations(stream(seed, "invitations"), customers, orders, scale)
    responses, parts = surveys.make_responses(
        stream(seed, "responses"), customers, invitations, stores, parts, scale
    )
    cases, events, parts = complaints.make_cases(
        stream(seed, "cases"), customers, orders, stores, parts, scale
    )
    responses = dirt.spoil_scores(stream(seed, "scores"), responses, parts)
    responses, cases, parts = dirt.leak_personal_data(
        stream(seed, "leaks"), responses, cases, parts
    )
    contacts = operations.make_contacts(stream(seed, "contacts"), cases)
    cast = identity.Cast(
        {person.customer_id: person for person in customers},
        {answer.response_id: answer for answer in responses},
        {case.case_id: case for case in cases},
        parts,
    )
    links, parts = identity.plant(stream(seed, "identity"), orders, cast)
    return Company(
        seed=seed,
        scale=scale,
        units=chain,
        touchpoints=list(units.TOUCHPOINTS),
        customers=list(cast.customers.values()),
        customer_links=links,
        orders=orders,
        journey_events=people.make_journey_events(
            stream(seed, "journeys"), customers, orders, parts.delivery_region, scale
        ),
        invitations=invitations,
        responses=list(cast.responses.values()),
        cases=list(cast.cases.values()),
        case_events=events,
        products=list(operations.PRODUCTS),
        order_lines=operations.make_order_lines(stream(seed, "lines"), orders),
        employees=operations.make_employees(stores),
        contacts=contacts,
        audits=operations.make_audits(stream(seed, "audits"), stores, parts.spike_store),
        public_complaints=public.make_public_complaints(stream(seed, "public"), scale),
        app_reviews=public.make_app_reviews(stream(seed, "reviews"), scale),
        heimao_complaints=boards.make_complaints(stream(seed, "heimao"), scale),
        shop_reviews=boards.make_shop_reviews(stream(seed, "dianping")),
        landmarks=parts,
    )


def _cast(seed: int, chain: list[Unit]) -> Landmarks:
    """Who plays which part: the South delivers badly, one store in the East induces its scores,
    one in the North has the foreign objects."""
    rng = stream(seed, "cast")
    induced = rng.choice(units.stores_of(chain, "r_east"))
    spike = rng.choice(units.stores_of(chain, "r_north"))
    return Landmarks(
        delivery_region="华南", induced_store=induced.unit_id, spike_store=spike.unit_id
    )
