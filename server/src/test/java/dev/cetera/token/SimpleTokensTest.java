package dev.cetera.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.token.Tokens.Claim;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SimpleTokensTest {
    private static final Claim ALICE = new Claim("alice", Tokens.ANY_REVISION);

    private long now = Long.MAX_VALUE - 5;
    private final SimpleTokens tokens = new SimpleTokens(TimeUnit.SECONDS.toNanos(300), () -> now, new Random(1));

    private void pass(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
        tokens.sweep();
    }

    @Test
    void sixteenLettersGoIntoTheLog() {
        var fresh = tokens.issue("alice", 3);
        assertThat(fresh.logged()).matches("[a-zA-Z]{16}");
        assertThat(fresh.signed()).isEmpty();
        assertThat(tokens.issue("alice", 3)).isNotEqualTo(fresh);
    }

    @Test
    void aTokenTellsTheIndexOfTheEntryThatMadeItKnown() {
        assertThat(tokens.knownFrom("letters.17")).isEqualTo(17);
        for (var no : new String[] {"", "letters", "letters.", "a.b", "a.1.2", "a.-1", "a.99999999999999999999", "."}) {
            assertThat(tokens.knownFrom(no)).as(no).isNegative();
        }
    }

    @Test
    void aTokenLivesAsLongAsItIsUsed() {
        tokens.enabled();
        tokens.opened("t.1", "alice");
        for (int i = 0; i < 5; i++) {
            pass(299);
            assertThat(tokens.read("t.1")).isEqualTo(ALICE);
        }
        pass(301);
        assertThat(tokens.read("t.1")).isNull();
    }

    @Test
    void aUserOfAnotherPasswordHasNoTokensAnyMore() {
        tokens.enabled();
        tokens.opened("t.1", "alice");
        tokens.opened("t.2", "bob");
        tokens.ended("alice");
        assertThat(tokens.read("t.1")).isNull();
        assertThat(tokens.read("t.2")).isNotNull();
    }

    @Test
    void thereAreTokensOnlyWhileAccessControlIsOn() {
        tokens.opened("t.1", "alice");
        assertThat(tokens.read("t.1")).isNull();
        tokens.enabled();
        tokens.opened("t.1", "alice");
        tokens.disabled();
        assertThat(tokens.read("t.1")).isNull();
        tokens.restart(true);
        tokens.opened("t.2", "alice");
        assertThat(tokens.read("t.2")).isEqualTo(ALICE);
        tokens.restart(true);
        assertThat(tokens.read("t.2")).isNull();
    }
}
