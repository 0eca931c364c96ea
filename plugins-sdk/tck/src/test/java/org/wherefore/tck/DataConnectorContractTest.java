package org.wherefore.tck;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;
import org.wherefore.testkit.data.Records;
import org.wherefore.testkit.plugin.ToyConnector;

/** The contract passes a good connector and fails each bad one, for the right reason. */
class DataConnectorContractTest {
    static class FaultySet implements DataSet {
        final DataSet good;

        FaultySet(DataSet good) {
            this.good = good;
        }

        @Override
        public Schema schema() {
            return good.schema();
        }

        @Override
        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
            return good.records(bad);
        }

        @Override
        public void close() {
            good.close();
        }
    }

    static class Faulty implements DataConnector {
        final DataConnector good = new ToyConnector();

        @Override
        public String name() {
            return good.name();
        }

        @Override
        public List<Parameter> parameters() {
            return good.parameters();
        }

        @Override
        public DataSet open(Source source, Schema schema) {
            return good.open(source, schema);
        }
    }

    static class Good extends DataConnectorContract {
        @Override
        protected DataConnector connector() {
            return new ToyConnector();
        }

        @Override
        protected Schema schema() {
            return Records.EVENTS;
        }

        static Source source(Path file, Map<String, String> columns) {
            return new Source("toy", "events", file, Map.of(), columns);
        }

        @Override
        protected Case good(Path folder) throws IOException {
            Path file = Files.writeString(folder.resolve("events.txt"), """
                    item|user|kind|time
                    tea|ann|view|2026-01-02T03:04:05Z
                    cup|bob||
                    tea|ann|purchase|
                    """);
            return new Case(source(file, Map.of("user", "user")), List.of(
                    List.of("ann", "tea", "view", Instant.parse("2026-01-02T03:04:05Z")), Arrays.asList("bob", "cup", null, null),
                    Arrays.asList("ann", "tea", "purchase", null)), List.of());
        }

        @Override
        protected Case spoiled(Path folder) throws IOException {
            Path file = Files.writeString(folder.resolve("events.txt"), """
                    item|user|kind|time
                    tea|ann
                    cup|bob||
                    tea||view|
                    tea|ann|view|yesterday
                    tea|ann|view|2026-01-02T03:04:05Z|more
                    tea|ann|view|
                    """);
            return new Case(source(file, Map.of()), List.of(Arrays.asList("bob", "cup", null, null),
                    Arrays.asList("ann", "tea", "view", null)), List.of(2L, 4L, 5L, 6L));
        }

        @Override
        protected Source large(Path folder, int records) throws IOException {
            return source(Files.writeString(folder.resolve("events.txt"), "item|user|kind|time\n" + "tea|ann|view|\n".repeat(records)), Map.of());
        }

        @Override
        protected Optional<Source> wrongEncoding(Path folder) throws IOException {
            return Optional.of(source(Files.write(folder.resolve("events.txt"),
                    "item|user|kind|time\ncaf\u00e9|ann||\n".getBytes(StandardCharsets.ISO_8859_1)), Map.of()));
        }

        @Override
        protected Optional<Source> missingColumn(Path folder) throws IOException {
            return Optional.of(source(Files.writeString(folder.resolve("events.txt"), "item|user\ntea|ann\n"), Map.of("user", "nowhere")));
        }

        @Override
        protected List<Source> broken(Path folder) throws IOException {
            return List.of();
        }
    }

    @Test
    void passesAGoodConnector() {
        Contracts.passes(Good.class, 1);
    }

    static class Silent extends Good {
        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    return new FaultySet(super.open(source, schema)) {
                        @Override
                        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
                            return super.records(b -> { });
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAConnectorThatDropsBadRowsSilently() {
        Contracts.breaks(Silent.class, "losesNothing", "silently dropped");
    }

    static class GivesUp extends Good {
        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    return new FaultySet(super.open(source, schema)) {
                        @Override
                        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
                            return super.records(b -> {
                                throw new WhereforeException(ErrorCode.BAD_DATA, b.toString());
                            });
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAConnectorThatGivesUpAtABadRow() {
        Contracts.breaks(GivesUp.class, "losesNothing", "expected 4 columns");
    }

    static class NoLines extends Good {
        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    return new FaultySet(super.open(source, schema)) {
                        @Override
                        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
                            return super.records(b -> bad.accept(new BadRecord(new Location("?", 0), b.column(), b.value(), "something else")));
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAConnectorThatDoesNotSayWhereABadRowStood() {
        Contracts.breaks(NoLines.class, "losesNothing", "lines of the bad records");
    }

    static class Slurps extends Good {
        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    return new FaultySet(super.open(source, schema)) {
                        @Override
                        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
                            List<DataRecord> all = new ArrayList<>();
                            super.records(bad).forEachRemaining(all::add);
                            return all.iterator();
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAConnectorThatReadsTheFileAsAWhole() {
        Contracts.breaks(Slurps.class, "streams", "read record by record");
    }

    static class Leaks extends Good {
        private static final List<DataSet> OPEN = Collections.synchronizedList(new ArrayList<>());

        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    return new FaultySet(super.open(source, schema)) {
                        @Override
                        public void close() {
                            OPEN.add(good);
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAConnectorThatKeepsTheFileOpen() {
        try {
            Contracts.breaks(Leaks.class, "closesTheFile", "close everything");
        } finally {
            Leaks.OPEN.forEach(DataSet::close);
        }
    }

    static class LeaksOnFailure extends Good {
        private static final List<java.io.InputStream> OPEN = Collections.synchronizedList(new ArrayList<>());

        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    try {
                        OPEN.add(Files.newInputStream(source.path()));
                    } catch (IOException e) {
                        throw new WhereforeException(ErrorCode.BAD_DATA, source.path().toString(), "no such file", e);
                    }
                    return super.open(source, schema);
                }
            };
        }
    }

    @Test
    void failsAConnectorThatKeepsTheFileOpenWhenItRefuses() throws IOException {
        Contracts.breaks(LeaksOnFailure.class, "missingColumnIsRefused", "when open() fails");
        for (java.io.InputStream in : LeaksOnFailure.OPEN) {
            in.close();
        }
    }

    static class Replaces extends Good {
        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    try {
                        byte[] bytes = Files.readAllBytes(source.path());
                        Path copy = source.path().resolveSibling("copy.txt");
                        Files.writeString(copy, new String(bytes, StandardCharsets.UTF_8));
                        return super.open(new Source(source.connector(), source.role(), copy, source.options(), source.columns()), schema);
                    } catch (IOException e) {
                        throw new WhereforeException(ErrorCode.BAD_DATA, source.path().toString(), "no such file", e);
                    }
                }
            };
        }
    }

    @Test
    void failsAConnectorThatReplacesUnreadableBytes() {
        Contracts.breaks(Replaces.class, "wrongEncodingIsRefused", "nothing was thrown");
    }

    static class EndsEarly extends Good {
        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    return new FaultySet(super.open(source, schema)) {
                        @Override
                        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
                            Iterator<DataRecord> in = super.records(bad);
                            return new Iterator<>() {
                                @Override
                                public boolean hasNext() {
                                    try {
                                        return in.hasNext();
                                    } catch (WhereforeException e) {
                                        return false;
                                    }
                                }

                                @Override
                                public DataRecord next() {
                                    return in.next();
                                }
                            };
                        }
                    };
                }
            };
        }

        @Override
        protected List<Source> broken(Path folder) throws IOException {
            return List.of(source(Files.write(folder.resolve("events.txt"), ("item|user|kind|time\n" + "tea|ann||\n".repeat(5_000)
                    + "caf\u00e9|ann||\n").getBytes(StandardCharsets.ISO_8859_1)), Map.of()));
        }
    }

    @Test
    void failsAConnectorThatEndsEarlyWhereTheFileBreaks() {
        Contracts.breaks(EndsEarly.class, "brokenStructureIsRefused", "nothing was thrown", "lose records");
    }

    static class Once extends Good {
        @Override
        protected DataConnector connector() {
            return new Faulty() {
                private boolean read;

                @Override
                public synchronized DataSet open(Source source, Schema schema) {
                    DataSet set = super.open(source, schema);
                    if (!read) {
                        read = true;
                        return set;
                    }
                    return new FaultySet(set) {
                        @Override
                        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
                            return Collections.emptyIterator();
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAConnectorThatCanBeReadOnlyOnce() {
        Contracts.breaks(Once.class, "isRereadable", "records read again");
    }

    static class PlainExceptions extends Good {
        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    try {
                        return super.open(source, schema);
                    } catch (WhereforeException e) {
                        throw new IllegalArgumentException(e.getMessage());
                    }
                }
            };
        }
    }

    @Test
    void failsAConnectorThatThrowsExceptionsOfItsOwn() {
        Contracts.breaks(PlainExceptions.class, "missingFileIsRefused", "throw a WhereforeException");
        Contracts.breaks(PlainExceptions.class, "unknownOptionIsRefused", "throw a WhereforeException");
    }

    static class Restless extends Good {
        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    return new FaultySet(super.open(source, schema)) {
                        @Override
                        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
                            Iterator<DataRecord> in = super.records(bad);
                            return new Iterator<>() {
                                private DataRecord next;

                                @Override
                                public boolean hasNext() {
                                    next = in.hasNext() ? in.next() : null;
                                    return next != null;
                                }

                                @Override
                                public DataRecord next() {
                                    return next;
                                }
                            };
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAConnectorWhoseHasNextMovesOn() {
        Contracts.breaks(Restless.class, "iteratesProperly", "hasNext() must not move on");
    }

    static class Hoards extends Good {
        private static final List<DataSet> ALL = Collections.synchronizedList(new ArrayList<>());

        @Override
        protected DataConnector connector() {
            return new Faulty() {
                @Override
                public DataSet open(Source source, Schema schema) {
                    DataSet set = super.open(source, schema);
                    ALL.add(set);
                    return set;
                }
            };
        }
    }

    @Test
    void failsAConnectorThatKeepsItsDataSets() {
        Contracts.breaks(Hoards.class, "keepsNothing", "still held");
    }
}
