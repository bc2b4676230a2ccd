"""Items of a batch that wait for others of it."""

GRAPH_MAX = 1000


def problem_of(items):
    """What is wrong with their order, or None."""
    if len(items) > GRAPH_MAX:
        return f"a batch with dependsOn has {GRAPH_MAX} items at most"
    ids = [item["id"] for item in items if "id" in item]
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice is not None:
        return f'two have the id "{twice}"'
    missing = next((one for item in items for one in item.get("dependsOn", ()) if one not in ids), None)
    if missing is not None:
        return f'"{missing}", which others wait for, is not in the batch'
    left = _rounds(items)[1]
    return f"they wait for each other: {', '.join(str(items[place].get('id', f'#{place}')) for place in left)}" if left else None


def in_order(items, send):
    """`send` takes the places of those that may be asked together, and gives their outcomes."""
    outcomes = [None] * len(items)
    by_id = {item["id"]: place for place, item in enumerate(items) if "id" in item}
    for places in _rounds(items)[0]:
        asked = []
        for place in places:
            waits_for = [by_id[one] for one in items[place].get("dependsOn", ())]
            bad = next((one for one in waits_for if outcomes[one]["kind"] != "decided"), None)
            if bad is None:
                asked.append(place)
                continue
            because = f"it waits for {items[bad]['id']}, which was not decided: {outcomes[bad]['kind']}"
            outcomes[place] = {"kind": "skipped", "because": because}
        for place, outcome in zip(asked, send(asked)):
            outcomes[place] = outcome
    return outcomes


def _rounds(items):
    """Those of one round wait for nobody but those of the rounds before; and the places that no round has, in a cycle or behind
    one."""
    by_id = {item["id"]: place for place, item in enumerate(items) if "id" in item}
    left = {place: {by_id[one] for one in item.get("dependsOn", ())} for place, item in enumerate(items)}
    rounds = []
    while left:
        ready = [place for place, waits_for in left.items() if not waits_for & left.keys()]
        if not ready:
            break
        rounds.append(ready)
        for place in ready:
            del left[place]
    return rounds, list(left)
