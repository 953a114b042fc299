package dev.cetera.lab.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.raftpb.MalformedException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Readers with bugs that were put there.
final class HuntTest {
    private static final List<byte[]> SEEDS = List.of("abcdefghijklmnop".getBytes(UTF_8));

    private static Hunt hunt(FuzzTarget.Reader reader) {
        var target = FuzzTarget.of("planted", SEEDS, Set.of(IOException.class), reader);
        return Hunt.unguided(target, new Random(1));
    }

    private static Hunt.@Nullable Found found(Hunt hunt) {
        for (int i = 0; i < 20_000; i++) {
            var found = hunt.step();
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    @Test
    void anUntypedExceptionIsFoundAndItsInputMadeSmall() {
        var hunt = hunt(input -> {
            for (byte next : input) {
                if (next == 'Z') {
                    throw new IndexOutOfBoundsException("planted");
                }
            }
            return "fine";
        });
        var found = Objects.requireNonNull(found(hunt));
        assertThat(found.finding().kind()).startsWith("IndexOutOfBoundsException at ");
        assertThat(hunt.minimized(found)).isEqualTo(new byte[] {'Z'});
    }

    @Test
    void memoryBeyondTheBudgetIsFound() {
        var found = Objects.requireNonNull(found(hunt(input -> {
            int announced = input.length > 0 && input[0] == 'b' ? 16 << 20 : 0;
            return "of " + new byte[announced].length;
        })));
        assertThat(found.finding().kind()).isEqualTo("memory");
    }

    @Test
    void aTypedRefusalIsNoBug() {
        var hunt = hunt(input -> {
            if (input.length == 0 || input[0] != 'a') {
                throw new IOException("typed");
            }
            return "fine";
        });
        assertThat(found(hunt)).isNull();
        assertThat(hunt.accepted()).isPositive().isLessThan(hunt.inputs());
    }

    @Test
    void theSameSeedMakesTheSameInputs() throws IOException {
        for (var name : List.of("wal", "bolt", "message", "v2-tree", "flags", "entries")) {
            var target = Targets.named(name);
            var one = new Mutator(target, new Random(5));
            var other = new Mutator(target, new Random(5));
            for (int i = 0; i < 50; i++) {
                assertThat(one.next(target.seeds())).isEqualTo(other.next(target.seeds()));
            }
        }
    }

    @Test
    void instrumentedCodeTellsWhereItWas() throws ReflectiveOperationException {
        var loader = new InstrumentedClasses(HuntTest.class.getClassLoader());
        var codec = loader.loadClass("dev.cetera.raftpb.MessageCodec");
        var decode = codec.getMethod("decode", byte[].class);
        Coverage.forget();
        assertThat(reachesMore(() -> decode.invoke(null, (Object) new byte[] {8, 8})))
                .isTrue();
        assertThat(reachesMore(() -> decode.invoke(null, (Object) new byte[] {8, 8})))
                .isFalse();
        assertThat(reachesMore(() -> decode.invoke(null, (Object) new byte[] {8, 8, 16, 0, 98, 1, 7})))
                .isTrue();
        assertThatThrownBy(() -> decode.invoke(null, (Object) new byte[] {8}))
                .hasCauseInstanceOf(
                        loader.loadClass(MalformedException.class.getName()).asSubclass(Exception.class));
        assertThat(Coverage.reached()).isGreaterThan(20);
    }

    @FunctionalInterface
    private interface Step {
        Object run() throws ReflectiveOperationException;
    }

    private static boolean reachesMore(Step step) throws ReflectiveOperationException {
        Coverage.begin();
        step.run();
        return Coverage.foundMore();
    }

    @Test
    void checksumsAreRepaired() throws Exception {
        var target = Targets.named("wal");
        int repaired = 0;
        for (int at = 0; at < target.seeds().getFirst().length; at++) {
            byte[] changed = target.seeds().getFirst().clone();
            changed[at] ^= 1;
            var shape = new Oracle().judge(target, changed).toString();
            var again = new Oracle().judge(target, target.repair().apply(changed));
            repaired += shape.contains("crc mismatch") && again instanceof Oracle.Verdict.Accepted ? 1 : 0;
        }
        assertThat(repaired).isPositive();
    }
}
