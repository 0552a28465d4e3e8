"""The text of a first adapter: an empty one, and one from what a survey found."""

from __future__ import annotations

from reference_mlp.testing.adapters.survey import (
    Found,
    Survey,
    activations_in,
    meaning,
    targets_in,
)

TEMPLATE = '''\
"""My network, as gradbugs takes it: `gradbugs check check_my_net.py:make_network`."""

# from my_net import Network
from reference_mlp.testing.adapt import Problem, adapt, attributes


def make_network():
    # Called anew for each check. Make it small, and all widths different.
    net = Network(4, 6, 3)
    problem = Problem(
        "my network",
        (4, 6, 3),  # the widths, from inputs to outputs
        ("sigmoid",),  # of each hidden layer: relu, tanh, sigmoid, identity
        "softmax_cross_entropy",  # or sigmoid_binary_cross_entropy, squared_error
        "one-hot",  # what y is: labels (N,), one-hot (N, K), fractions, reals, column (N,)
        n_rows=5,
    )
    return adapt(
        problem,
        # The parameters: by their names, or a function that returns them in a list or dict.
        attributes(net, "W1", "b1", "W2", "b2"),
        # What comes out (N, K): before the softmax or sigmoid, or after it, as probabilities=.
        logits=net.forward,
        # One number. Leave it out if the code has none, for the one that the problem names.
        loss=net.loss,
        # In the order of the parameters, or a dict by their names. If the code only applies them,
        # give instead: step=lambda X, y, rate: net.train_step(X, y, rate)
        gradients=net.gradients,
        # If it is there: input_gradient=net.input_gradient,
        # If X is not (N, D): samples="columns", "stack of columns", "one" or "one column",
        # If gradients are meant to be a multiple of the loss's: scale="N",
        # If the step takes no learning rate, its own: rate=0.1,
    )
'''

_LOSS = {"softmax": "softmax_cross_entropy", "sigmoid": "sigmoid_binary_cross_entropy"}


def draft(found: Survey) -> str:
    """Return the text of a first adapter, with a TODO where it can't be known."""
    network = found.network
    is_class = network is not found.own
    owner = "net" if is_class else "my_net"
    kinds = activations_in(found.words)
    hidden = next((k for k in kinds if k != "softmax"), "TODO")
    loss = _LOSS["softmax"] if "softmax" in kinds else "squared_error"
    if kinds == ["sigmoid"] and any("entropy" in word for word in found.words):
        loss = _LOSS["sigmoid"]
    unsure = {"softmax_cross_entropy": "one-hot", "squared_error": "reals"}.get(loss, "fractions")
    targets = targets_in(found.words) or unsure
    lines = [
        f'"""A first adapter of {found.path.name}: see to each TODO, then run it.',
        "",
        f"gradbugs check check_{found.path.stem}.py:make_network",
        '"""',
        "",
        *_imports(found, network, is_class=is_class),
        "",
        "",
        "def make_network():",
        *_construction(network, is_class=is_class),
        "    problem = Problem(",
        f'        "{found.path.stem}",',
        "        (4, 6, 3),  # TODO: the widths that it has, from inputs to outputs",
        f'        ("{hidden}",),  # TODO: one for each hidden layer; named: {", ".join(kinds)}',
        f'        "{loss}",  # TODO: {", ".join([*_LOSS.values(), "squared_error"])}?',
        f'        "{targets}",  # TODO: labels, one-hot, fractions, reals, column?',
        "        n_rows=5,",
        "    )",
        "    return adapt(",
        "        problem,",
        *_parameters(network, owner),
        *_functions(network, owner, has_probabilities=loss != "squared_error"),
        '        # samples="columns",  # TODO: if it takes no rows; or "one", "one column" ...',
        "    )",
    ]
    return "\n".join(lines) + "\n"


def _imports(found: Survey, network: Found, *, is_class: bool) -> list[str]:
    helpers = "from reference_mlp.testing.adapt import Problem, adapt, attributes"
    importable = found.path.suffix == ".py" and found.path.stem.isidentifier()
    if importable and found.first_loop is None:
        which = f"from {found.path.stem} import {network.name}"
        return [which if is_class else f"import {found.path.stem} as my_net", helpers]
    given = f'"{found.path.name}"'
    if found.first_loop is not None:
        given += f", until={found.first_loop[:40]!r}"
    run = [f"{helpers}, namespace_of", "", f"my_net = namespace_of({given})"]
    return [*run, f"{network.name} = my_net.{network.name}"] if is_class else run


def _construction(network: Found, *, is_class: bool) -> list[str]:
    if not is_class:
        return ["    # TODO: if a function draws the weights, call it here"]
    names = network.functions.get("__init__", [])
    given = ", ".join(meaning(name) for name in names)
    said = f"  # TODO: {', '.join(names)}; small, all widths different" if names else ""
    return [f"    net = {network.name}({given}){said}"]


def _parameters(network: Found, owner: str) -> list[str]:
    if network.weights:
        names = ", ".join(f'"{name}"' for name in network.weights)
        return [f"        attributes({owner}, {names}),  # TODO: all of them, in this order?"]
    return [
        f"        lambda: {owner}.TODO,  # TODO: where are the weights? A list or a dict of them"
    ]


def _functions(network: Found, owner: str, *, has_probabilities: bool) -> list[str]:
    outputs = network.role("outputs")
    out = _call(network, owner, outputs, "X") if outputs else f"{owner}.TODO(X)"
    what = "probabilities" if has_probabilities else "logits"
    other = "logits" if has_probabilities else "probabilities"
    lines = [f"        {what}=lambda X: {out},  # TODO: or {other}="]
    if name := network.role("loss"):
        call = _call(network, owner, name, out)
        lines.append(f"        loss=lambda X, y: {call},  # TODO: a number")
    else:
        lines.append("        # no loss found: the one that the problem names is taken")
    gradients, step = network.role("gradients"), network.role("step")
    if gradients:
        call = _call(network, owner, gradients, out)
        why = "TODO: does it return them? If it applies them, step="
        lines.append(f"        gradients=lambda X, y: {call},  # {why}")
    if step:
        call = _call(network, owner, step, out)
        hidden = "# " if gradients else ""
        why = "TODO: one step, with this learning rate"
        lines.append(f"        {hidden}step=lambda X, y, rate: {call},  # {why}")
    if not gradients and not step:
        lines.append("        step=TODO,  # TODO: what changes the weights?")
    return lines


def _call(network: Found, owner: str, name: str, out: str) -> str:
    function = owner if name == "__call__" else f"{owner}.{name}"
    given = []
    for parameter in network.functions[name]:
        value = meaning(parameter)
        value = out if value == "OUT" else value
        given.append(f"{parameter}={value}" if value in {"1", "len(X)"} else value)
    return f"{function}({', '.join(given)})"
