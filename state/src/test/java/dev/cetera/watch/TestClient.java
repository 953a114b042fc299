package dev.cetera.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A stream's other end that takes as many responses as a test lets it.
final class TestClient implements Outlet {
    final List<Response> received = new ArrayList<>();
    Consumer<Response> onResponse = _ -> {};
    /// Responses that it still takes before it is full.
    int room = Integer.MAX_VALUE;
    int requestsAllowed;
    private boolean inFragments;

    @Override
    public boolean ready() {
        return room > 0;
    }

    @Override
    public void send(Response response) {
        assertThat(room > 0 || inFragments).as("sent only where there is room").isTrue();
        room -= room > 0 ? 1 : 0;
        inFragments = response.fragment();
        received.add(response);
        onResponse.accept(response);
    }

    @Override
    public void nextRequest() {
        requestsAllowed++;
        assertThat(requestsAllowed).as("one request at a time").isEqualTo(1);
    }

    void useRequest() {
        requestsAllowed--;
        assertThat(requestsAllowed).as("requests only when allowed").isZero();
    }

    Response last() {
        return received.getLast();
    }
}
