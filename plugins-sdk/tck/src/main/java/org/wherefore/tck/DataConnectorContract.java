package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;
import org.wherefore.testkit.data.Records;

/**
 * What every connector that reads files promises. Subclass it; write, in your format, the files that it asks for into the
 * folder given and say what is in them. A case that your format can't have is {@link Optional#empty}: its rule is then skipped,
 * visibly.
 */
public abstract class DataConnectorContract {
    /**
     * A source and what is in it.
     *
     * @param records the good ones, in order: values in the order of the schema's fields, null where missing
     * @param badLines the lines of the bad ones, in order
     */
    public record Case(Source source, List<List<Object>> records, List<Long> badLines) {
        public Case {
            records = List.copyOf(records);
            badLines = List.copyOf(badLines);
        }
    }

    @TempDir
    Path temporary;

    /** The connector; a new one or the same for each call. */
    protected abstract DataConnector connector();

    /** What the sources of this test feed. */
    protected abstract Schema schema();

    /** At least three good records with every kind of value the format has, none bad. */
    protected abstract Case good(Path folder) throws IOException;

    /** Good and bad records mixed: ragged, a required value missing, a number or time unreadable, whatever the format can spoil. */
    protected abstract Case spoiled(Path folder) throws IOException;

    /** {@code records} good records and nothing else. */
    protected abstract Source large(Path folder, int records) throws IOException;

    /** Text whose bytes are not in the encoding that the source claims, some way into the file. */
    protected abstract Optional<Source> wrongEncoding(Path folder) throws IOException;

    /** A source that maps a required field to a column that is not there; the column is called {@code nowhere}. */
    protected abstract Optional<Source> missingColumn(Path folder) throws IOException;

    /**
     * Files whose structure breaks off or breaks some way into them, such as an unclosed quote, so that nothing after it can be
     * trusted; none when in the format a bad record never spoils the next one.
     */
    protected abstract List<Source> broken(Path folder) throws IOException;

    private Path folder(String name) throws IOException {
        return Files.createDirectories(temporary.resolve(name));
    }

    private List<DataRecord> read(DataConnector connector, Source source, List<BadRecord> bad) {
        List<DataRecord> all = new ArrayList<>();
        try (DataSet set = connector.open(source, schema())) {
            set.records(bad::add).forEachRemaining(all::add);
        }
        return all;
    }

    private List<List<Object>> values(DataConnector connector, Source source) {
        return read(connector, source, new ArrayList<>()).stream().map(Records::values).toList();
    }

    @Test
    @DisplayName("has a name and well declared options")
    protected void declaresItself() {
        Checks.name("name()", connector().name());
        Checks.parameters(connector().parameters());
    }

    @Test
    @DisplayName("reads every record with its values, in the order of the source, and says where it stood")
    protected void readsEverything() throws IOException {
        Case good = good(folder("good"));
        List<BadRecord> bad = new ArrayList<>();
        List<DataRecord> all = read(connector(), good.source(), bad);
        assertThat(bad).as("bad records of a source that has none").isEmpty();
        assertThat(all.stream().map(Records::values).toList()).as("values of all records").isEqualTo(good.records());
        long line = 0;
        for (DataRecord r : all) {
            assertThat(r.schema()).as("schema of a record: the one asked for").isEqualTo(schema());
            assertThat(r.location().source()).as("source of a record: the file").contains(good.source().path().getFileName().toString());
            assertThat(r.location().line()).as("line of a record: from 1, never going back").isPositive().isGreaterThanOrEqualTo(line);
            line = r.location().line();
        }
        try (DataSet set = connector().open(good.source(), schema())) {
            assertThat(set.schema()).as("schema of the data set: the one asked for").isEqualTo(schema());
        }
    }

    @Test
    @DisplayName("reports every bad record with file, line and what was expected, and reads the good ones all the same")
    protected void losesNothing() throws IOException {
        Case spoiled = spoiled(folder("spoiled"));
        List<BadRecord> bad = new ArrayList<>();
        List<DataRecord> all = read(connector(), spoiled.source(), bad);
        assertThat(bad).extracting(b -> b.location().line()).as("lines of the bad records reported: each one, in order, none silently"
                + " dropped, none made up (%s)", bad).isEqualTo(spoiled.badLines());
        for (BadRecord b : bad) {
            assertThat(b.location().source()).as("file of %s", b).contains(spoiled.source().path().getFileName().toString());
            assertThat(b.expected()).as("what was expected instead of %s", b).isNotBlank();
        }
        assertThat(all.stream().map(Records::values).toList()).as("the good records between bad ones").isEqualTo(spoiled.records());
    }

    @Test
    @DisplayName("refuses a missing file as bad data, naming it")
    protected void missingFileIsRefused() throws IOException {
        Source good = good(folder("good")).source();
        Path nowhere = temporary.resolve("no-such-file");
        WhereforeException e = Checks.refusal("open() of a file that does not exist", () -> connector().open(new Source(good.connector(),
                good.role(), nowhere, good.options(), good.columns()), schema()).close(), ErrorCode.BAD_DATA);
        assertThat(e.pointer().orElse("")).as("the refusal points at the file").contains("no-such-file");
    }

    @Test
    @DisplayName("refuses text in another encoding, naming file and line")
    protected void wrongEncodingIsRefused() throws IOException {
        Optional<Source> source = wrongEncoding(folder("encoding"));
        assumeTrue(source.isPresent(), "the format has no encoding");
        WhereforeException e = Checks.refusal("reading text in another encoding; replacing what can't be read would change ids silently",
                () -> read(connector(), source.get(), new ArrayList<>()), ErrorCode.BAD_DATA);
        assertThat(e.pointer().orElse("")).as("the refusal points at file:line")
                .matches(".*" + java.util.regex.Pattern.quote(source.get().path().getFileName().toString()) + ":[1-9]\\d*");
    }

    @Test
    @DisplayName("refuses what it can't read further, naming file and line, instead of ending early")
    protected void brokenStructureIsRefused() throws IOException {
        List<Source> sources = broken(folder("broken"));
        assumeTrue(!sources.isEmpty(), "in this format a bad record does not spoil the next one");
        for (Source source : sources) {
            String name = source.path().getFileName().toString();
            WhereforeException e = Checks.refusal("reading " + name + ", whose structure breaks; ending as if it were complete would lose"
                    + " records silently", () -> read(connector(), source, new ArrayList<>()), ErrorCode.BAD_DATA);
            assertThat(e.pointer().orElse("")).as("the refusal of %s points at file:line", name)
                    .matches(".*" + java.util.regex.Pattern.quote(name) + ":[1-9]\\d*");
        }
    }

    @Test
    @DisplayName("refuses a column that is not there when it is opened, naming file and column")
    protected void missingColumnIsRefused() throws IOException {
        Optional<Source> source = missingColumn(folder("column"));
        assumeTrue(source.isPresent(), "the format has no columns that could be missing");
        WhereforeException e = Checks.refusal("open() of a source without a mapped column",
                () -> connector().open(source.get(), schema()).close(), ErrorCode.BAD_DATA);
        assertThat(e.pointer().orElse("")).as("the refusal points at the file").contains(source.get().path().getFileName().toString());
        assertThat(e.getMessage()).as("the refusal names the column").contains("nowhere");
        assertClosed(source.get().path(), "open() failed");
    }

    @Test
    @DisplayName("refuses an option that it does not know, naming it")
    protected void unknownOptionIsRefused() throws IOException {
        Source good = good(folder("good")).source();
        Map<String, String> options = new HashMap<>(good.options());
        options.put("no-such-option", "1");
        WhereforeException e = Checks.refusal("open() with an option that parameters() does not list", () -> connector().open(new Source(
                good.connector(), good.role(), good.path(), options, good.columns()), schema()).close(), ErrorCode.INVALID_INPUT);
        assertThat(e.pointer().orElse("") + e.getMessage()).as("the refusal names the option").contains("no-such-option");
    }

    @Test
    @DisplayName("reads as a stream: what was not asked for yet is not read yet")
    protected void streams() throws IOException {
        int count = 200_000;
        Source source = large(folder("large"), count);
        try (DataSet set = connector().open(source, schema())) {
            Iterator<DataRecord> records = set.records(b -> { });
            records.next();
            // Whoever has read ahead to the end does not notice that the second half is gone.
            try (FileChannel file = FileChannel.open(source.path(), StandardOpenOption.WRITE)) {
                file.truncate(file.size() / 2);
            } catch (IOException e) {
                assumeTrue(false, "this system does not shorten a file that is open: " + e);
            }
            int read = 1;
            try {
                while (records.hasNext()) {
                    records.next();
                    read++;
                }
            } catch (WhereforeException e) {
                assertThat(e.code()).as("the code when a file ends in the middle").isEqualTo(ErrorCode.BAD_DATA);
            }
            assertThat(read).as("records read of %d after the second half of the file was cut off behind the first record: the file was"
                    + " read as a whole; read record by record", count).isLessThan(count);
        }
    }

    @Test
    @DisplayName("lets the file go when it is closed: at the end, in the middle, unread, and twice")
    protected void closesTheFile() throws IOException {
        Case good = good(folder("good"));
        Path file = good.source().path();
        values(connector(), good.source());
        assertClosed(file, "the data set was read to its end and closed");
        DataSet middle = connector().open(good.source(), schema());
        middle.records(b -> { }).next();
        middle.close();
        middle.close();
        assertClosed(file, "the data set was closed after its first record");
        connector().open(good.source(), schema()).close();
        assertClosed(file, "the data set was closed unread");
    }

    private static void assertClosed(Path file, String when) throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            Path moved = file.resolveSibling(file.getFileName() + ".moved");
            Files.move(file, moved);
            Files.move(moved, file);
            return;
        }
        List<Path> open = new ArrayList<>();
        try (Stream<Path> all = Files.list(descriptors)) {
            for (Path d : all.toList()) {
                try {
                    open.add(Files.readSymbolicLink(d));
                } catch (IOException e) {
                    // A descriptor that was closed meanwhile, such as the listing's own.
                }
            }
        }
        assertThat(open).as("files open after %s; close everything in DataSet.close(), and when open() fails", when).doesNotContain(file.toRealPath());
    }

    @Test
    @DisplayName("can be read again, and twice at once, with the same records")
    protected void isRereadable() throws IOException {
        Case good = good(folder("good"));
        DataConnector connector = connector();
        assertThat(values(connector, good.source())).as("records read first").isEqualTo(good.records());
        assertThat(values(connector, good.source())).as("records read again by the same connector").isEqualTo(good.records());
        try (DataSet a = connector.open(good.source(), schema()); DataSet b = connector.open(good.source(), schema())) {
            Iterator<DataRecord> first = a.records(x -> { });
            Iterator<DataRecord> second = b.records(x -> { });
            for (List<Object> expected : good.records()) {
                assertThat(Records.values(first.next())).as("one of two data sets open at once").isEqualTo(expected);
                assertThat(Records.values(second.next())).as("the other of two data sets open at once").isEqualTo(expected);
            }
        }
    }

    @Test
    @DisplayName("iterates as iterators do, and once")
    protected void iteratesProperly() throws IOException {
        Case good = good(folder("good"));
        try (DataSet set = connector().open(good.source(), schema())) {
            Iterator<DataRecord> records = set.records(b -> { });
            assertThatThrownBy(() -> set.records(b -> { }), "records() called a second time: refuse, the stream is read once")
                    .isInstanceOf(RuntimeException.class);
            for (List<Object> expected : good.records()) {
                assertThat(records.hasNext()).as("hasNext() before the end").isTrue();
                assertThat(records.hasNext()).as("hasNext() asked twice; it must not move on").isTrue();
                assertThat(Records.values(records.next())).as("the next record after hasNext(); hasNext() must not move on").isEqualTo(expected);
            }
            assertThat(records.hasNext()).as("hasNext() at the end").isFalse();
            assertThatThrownBy(records::next, "next() behind the end").isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    @DisplayName("reads for many threads at once")
    protected void isThreadSafe() throws IOException {
        Case good = good(folder("good"));
        DataConnector shared = connector();
        Checks.concurrently("open() and reading", good.records(), () -> values(shared, good.source()));
    }

    @Test
    @DisplayName("keeps no data set after it was closed")
    protected void keepsNothing() throws IOException {
        Case good = good(folder("good"));
        DataConnector kept = connector();
        Checks.forgotten("the closed data set", openAndForget(kept, good.source()));
        assertThat(kept.name()).isNotNull();
    }

    private WeakReference<DataSet> openAndForget(DataConnector kept, Source source) {
        DataSet set = kept.open(source, schema());
        set.records(b -> { }).next();
        set.close();
        return new WeakReference<>(set);
    }
}
