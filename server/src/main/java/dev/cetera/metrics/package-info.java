/// The numbers a member tells of itself, in Prometheus' text format and by etcd's names.
///
/// etcd's names break the rules that the Prometheus client library enforces (gauges that end in `_total`,
/// counters that don't), so the few kinds of metric are here: [Counter], [Gauge], [Histogram] in a [Registry].
/// [Metrics] is the list of all families that a member has; whoever counts holds its field, resolved once.
@NullMarked
package dev.cetera.metrics;

import org.jspecify.annotations.NullMarked;
