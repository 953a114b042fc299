package dev.cetera.ctl.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.api.etcdserverpb.Compare;
import org.junit.jupiter.api.Test;

class TypedLinesTest {
    @Test
    void wordsInQuotesMayHaveBlanks() throws Failure {
        assertThat(Words.of("put \"a b\\n\" 'c d' --prev-kv")).containsExactly("put", "a b\n", "c d", "--prev-kv");
    }

    @Test
    void aConditionNamesItsTargetKeyAndValue() throws Failure {
        var compare = Compares.parse("mod(\"k 1\") > \"7\"");

        assertThat(compare.getKey().toStringUtf8()).isEqualTo("k 1");
        assertThat(compare.getTarget()).isEqualTo(Compare.CompareTarget.MOD);
        assertThat(compare.getResult()).isEqualTo(Compare.CompareResult.GREATER);
        assertThat(compare.getModRevision()).isEqualTo(7);
    }

    @Test
    void aBadConditionIsToldInEtcdctlsWords() {
        assertThatThrownBy(() -> Compares.parse("mod(k1) = \"0\""))
                .hasMessage("malformed comparison: mod(k1) = \"0\"; got mod(\"\")  \"\"");
        assertThatThrownBy(() -> Compares.parse("foo(\"k1\") = \"0\""))
                .hasMessage("malformed comparison: foo(\"k1\") = \"0\" (unknown target foo)");
        assertThatThrownBy(() -> Compares.parse("mod(\"k1\") = \"x\""))
                .hasMessage("invalid txn compare request: mod(\"k1\") = \"x\"");
    }

    @Test
    void requestsTakeTheFlagsOfTheirCommands() throws Exception {
        var get = TxnCommand.request("get k --prefix --limit=2").getRequestRange();

        assertThat(get.getRangeEnd().toStringUtf8()).isEqualTo("l");
        assertThat(get.getLimit()).isEqualTo(2);
        assertThatThrownBy(() -> TxnCommand.request("foo bar")).hasMessage("invalid txn request: foo bar");
    }
}
