"""F22 recurring revenue: customers who subscribe stay longer, and sales follow demand more slowly.

That both are in proportion to the share of subscribers is an assumption, as are the sizes.
"""

from allysim.jit import routine


@routine
def unbound(subscriptions, part):
    """Return what is left of a flow of customers where a share of them subscribes: 1 - `part` x `subscriptions`."""
    return 1.0 - part * subscriptions
