package dev.cetera.http;

import dev.cetera.node.Answer;
import dev.cetera.node.LongAnswer;
import dev.cetera.schema.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/// Values from 0 on, made when they are asked for.
public final class Numbers implements LongAnswer {
    private final int number;
    private final int valueBytes;
    private int next;
    public final AtomicLong given = new AtomicLong();
    public final CompletableFuture<Void> closed = new CompletableFuture<>();
    volatile boolean broken;

    public Numbers(int number, int valueBytes) {
        this.number = number;
        this.valueBytes = valueBytes;
    }

    KeyValue at(int i) {
        return KeyValue.put(
                String.format("k%07d", i).getBytes(StandardCharsets.US_ASCII), 2, 2, 1, new byte[valueBytes], 0);
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public long bytes() {
        return (long) number * at(0).listedBytes();
    }

    @Override
    public void next(long bytes, Answer<List<KeyValue>> answer) {
        var piece = new ArrayList<KeyValue>();
        for (long taken = 0; taken < bytes && next < number && !closed.isDone() && !broken; next++) {
            var kv = at(next);
            taken += kv.listedBytes();
            piece.add(kv);
        }
        given.addAndGet(piece.stream().mapToLong(KeyValue::listedBytes).sum());
        answer.done(piece);
    }

    @Override
    public void all(Answer<List<KeyValue>> answer) {
        answer.done(IntStream.range(0, number).mapToObj(this::at).toList());
    }

    @Override
    public void close() {
        closed.complete(null);
    }
}
