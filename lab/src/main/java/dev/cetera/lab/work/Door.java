package dev.cetera.lab.work;

import io.grpc.Channel;

/// A way to a member.
///
/// @param member its name, as it is to stand in the history
public record Door(String member, Channel channel) {}
