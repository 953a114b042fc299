package dev.cetera.lab.history;

import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import java.util.List;

/// One watcher of a client: first from where it asked, and after each broken stream from behind the last
/// revision that it knows of.
///
/// @param number counts the watches of a history
public record Watch(int number, List<Leg> legs) {
    public Watch {
        legs = List.copyOf(legs);
    }

    /// One stream of a watch, at one member.
    ///
    /// @param request as it was sent; its `start_revision` says where the leg begins
    /// @param asked   when it was sent
    /// @param told    the responses to this watch, in the order of their arrival
    /// @param end     why there were no more
    public record Leg(String member, WatchCreateRequest request, long asked, List<Told> told, End end) {
        public Leg {
            told = List.copyOf(told);
        }
    }

    /// A response, and when it came.
    public record Told(long at, WatchResponse response) {}

    /// Why a leg has no more responses.
    public enum End {
        /// The history ends; all that was to come had come by then, when it says so ([History#settled]).
        HISTORY,
        /// The client cancelled it.
        CANCELED_BY_CLIENT,
        /// The member cancelled it.
        CANCELED_BY_MEMBER,
        /// The stream broke.
        BROKEN
    }
}
