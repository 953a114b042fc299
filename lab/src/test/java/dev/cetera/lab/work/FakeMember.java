package dev.cetera.lab.work;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A member, and the way to it. It answers after a while, from a [FakeStore].
final class FakeMember extends Channel {
    private static final long ON_THE_WAY = FakeStage.MILLISECOND;
    private static final long WATCH_ROUND = 5 * FakeStage.MILLISECOND;

    private final FakeStage stage;
    private final FakeStore store;
    private final String name;
    private final long id;
    private final List<Call<?, ?>> calls = new ArrayList<>();

    /// What every call ends with; null while it works.
    @Nullable
    Status failure;

    /// It takes requests, carries them out, and says nothing.
    boolean silent;

    /// Largest number of events in a part of a response, for watches that take parts.
    int part = Integer.MAX_VALUE;

    FakeMember(FakeStage stage, FakeStore store, String name, long id) {
        this.stage = stage;
        this.store = store;
        this.name = name;
        this.id = id;
    }

    Door door() {
        return new Door(name, this);
    }

    /// Ends all calls under way.
    void fail(Status status) {
        List.copyOf(calls).forEach(call -> call.end(status));
    }

    @Override
    public String authority() {
        return name;
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
        return new Call<>(method);
    }

    private final class Call<Q, A> extends ClientCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final Deque<Message> responses = new ArrayDeque<>();
        private final Map<Long, Watch> watches = new TreeMap<>();
        private ClientCall.@Nullable Listener<A> listener;
        private long wanted;
        private long ids;
        private boolean last;

        Call(MethodDescriptor<Q, A> method) {
            this.method = method;
        }

        @Override
        public void start(Listener<A> to, Metadata headers) {
            listener = to;
            calls.add(this);
            if (failure != null) {
                end(failure);
            }
        }

        @Override
        public void request(int messages) {
            wanted += messages;
            stage.in(0, this::flush);
        }

        @Override
        public void sendMessage(Q message) {
            stage.in(ON_THE_WAY, () -> arrived((Message) message));
        }

        @Override
        public void halfClose() {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {
            end(Status.CANCELLED);
        }

        private void arrived(Message message) {
            if (listener == null) {
                return;
            }
            try {
                if (message instanceof WatchRequest request) {
                    watch(request);
                } else {
                    responses.addAll(store.answer(id, message));
                    last = method.getType() != MethodDescriptor.MethodType.BIDI_STREAMING;
                }
            } catch (StatusRuntimeException refusal) {
                if (!silent) {
                    stage.in(ON_THE_WAY, () -> end(refusal.getStatus()));
                }
                return;
            }
            stage.in(ON_THE_WAY, this::flush);
        }

        private void flush() {
            while (!silent && listener != null && wanted > 0 && !responses.isEmpty()) {
                wanted--;
                listener.onMessage(parsed(responses.remove()));
            }
            if (!silent && last && responses.isEmpty()) {
                end(Status.OK);
            }
        }

        private A parsed(Message message) {
            return method.getResponseMarshaller().parse(message.toByteString().newInput());
        }

        private void end(Status status) {
            calls.remove(this);
            var told = listener;
            listener = null;
            if (told != null) {
                told.onClose(status, new Metadata());
            }
        }

        // ---- watches ----

        private void watch(WatchRequest request) {
            switch (request.getRequestUnionCase()) {
                case CREATE_REQUEST -> create(request.getCreateRequest());
                case CANCEL_REQUEST -> {
                    long watch = request.getCancelRequest().getWatchId();
                    if (watches.remove(watch) != null) {
                        responses.add(response(watch).setCanceled(true).build());
                    }
                }
                case PROGRESS_REQUEST -> {
                    watches.forEach((watch, state) -> feed(watch, state));
                    responses.add(response(-1).build());
                }
                case REQUESTUNION_NOT_SET -> {}
            }
        }

        private void create(WatchCreateRequest request) {
            if (!request.getRangeEnd().isEmpty()
                    && request.getKey().equals(request.getRangeEnd())
                    && request.getKey().size() > 1) {
                responses.add(response(-1).setCreated(true).setCanceled(true).build());
                return;
            }
            long watch = ids++;
            responses.add(response(watch).setCreated(true).build());
            long start = request.getStartRevision();
            if (start != 0 && start < store.compacted()) {
                responses.add(WatchResponse.newBuilder()
                        .setWatchId(watch)
                        .setCanceled(true)
                        .setCompactRevision(store.compacted())
                        .build());
                return;
            }
            if (watches.isEmpty()) {
                stage.in(WATCH_ROUND, this::round);
            }
            watches.put(watch, new Watch(request, start == 0 ? store.revision() + 1 : start));
        }

        private void round() {
            if (listener != null) {
                watches.forEach(this::feed);
                flush();
                stage.in(WATCH_ROUND, this::round);
            }
        }

        private void feed(long watch, Watch state) {
            var events = new ArrayList<Event>();
            for (; state.seen < store.events().size(); state.seen++) {
                var event = store.events().get(state.seen);
                if (event.getKv().getModRevision() >= state.next && state.shows(event)) {
                    events.add(event);
                }
            }
            state.next = Math.max(state.next, store.revision() + 1);
            while (!events.isEmpty()) {
                int size = state.request.getFragment() ? Math.min(part, events.size()) : events.size();
                var some = events.subList(0, size);
                responses.add(response(watch)
                        .addAllEvents(some)
                        .setFragment(size < events.size())
                        .build());
                some.clear();
            }
        }

        private WatchResponse.Builder response(long watch) {
            return WatchResponse.newBuilder().setHeader(store.header(id)).setWatchId(watch);
        }
    }

    private static final class Watch {
        final WatchCreateRequest request;
        long next;

        /// How many of all events it has looked at.
        int seen;

        Watch(WatchCreateRequest request, long next) {
            this.request = request;
            this.next = next;
        }

        boolean shows(Event event) {
            boolean filtered = request.getFiltersList().stream().anyMatch(filter -> switch (filter) {
                case NOPUT -> event.getType() == Event.EventType.PUT;
                case NODELETE -> event.getType() == Event.EventType.DELETE;
                case UNRECOGNIZED -> false;
            });
            return !filtered
                    && new Keyspace.Range(request.getKey(), request.getRangeEnd())
                            .covers(event.getKv().getKey());
        }
    }
}
