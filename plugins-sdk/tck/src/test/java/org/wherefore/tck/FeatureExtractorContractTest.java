package org.wherefore.tck;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Input;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.plugin.ToyExtractor;

/** The contract passes a good extractor and fails each bad one, for the right reason. */
class FeatureExtractorContractTest {
    static class FaultyFitted implements FittedExtractor {
        final FittedExtractor good;

        FaultyFitted(FittedExtractor good) {
            this.good = good;
        }

        @Override
        public FeatureSchema schema() {
            return good.schema();
        }

        @Override
        public OptionalInt target(String id) {
            return good.target(id);
        }

        @Override
        public Instance extract(Input input) {
            return good.extract(input);
        }

        @Override
        public int[] positions(Input input) {
            return good.positions(input);
        }

        @Override
        public void save(ArtifactWriter artifact) {
            good.save(artifact);
        }
    }

    static class Faulty implements FeatureExtractor {
        final FeatureExtractor good = new ToyExtractor();

        @Override
        public String name() {
            return good.name();
        }

        @Override
        public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
            return good.fit(data, parameters);
        }

        @Override
        public FittedExtractor load(ArtifactReader artifact) {
            return good.load(artifact);
        }
    }

    static class Good extends FeatureExtractorContract {
        @Override
        protected FeatureExtractor extractor() {
            return new ToyExtractor();
        }
    }

    @Test
    void passesAGoodExtractor() {
        Contracts.passes(Good.class, 0);
    }

    static class LearnsWhileServing extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    Set<String> seen = Collections.synchronizedSet(new HashSet<>());
                    return new FaultyFitted(super.fit(data, parameters)) {
                        @Override
                        public Instance extract(Input input) {
                            History.eventsOf(input).forEach(e -> seen.add(e.item()));
                            return super.extract(input);
                        }

                        @Override
                        public OptionalInt target(String id) {
                            return seen.contains(id) ? OptionalInt.of(0) : super.target(id);
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatLearnsWhileServing() {
        Contracts.breaks(LearnsWhileServing.class, "servingTeachesNothing", "training data did not have");
    }

    static class Accumulates extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                private final Map<String, List<Event>> all = new java.util.TreeMap<>();

                @Override
                public synchronized FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    data.histories().forEach((u, h) -> all.merge(u, h, (a, b) -> {
                        List<Event> both = new ArrayList<>(a);
                        both.addAll(b);
                        return both;
                    }));
                    return super.fit(new CleanData(data.name(), all, List.of(), List.of(), List.of(), 0, data.digest()), parameters);
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatRemembersEarlierFits() {
        Contracts.breaks(Accumulates.class, "fitsAreIndependent", "its own data only");
    }

    static class OrderedByArrival extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    List<String> items = data.histories().values().stream().flatMap(List::stream).map(Event::item).distinct().toList();
                    return new FaultyFitted(super.fit(data, parameters)) {
                        @Override
                        public void save(ArtifactWriter artifact) {
                            super.save(artifact);
                            try (java.io.OutputStream out = artifact.create("items")) {
                                out.write(items.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
                            } catch (java.io.IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorWhoseBytesDependOnTheOrderOfUsers() {
        Contracts.breaks(OrderedByArrival.class, "fittingIsReproducible", "sort what you iterate over");
    }

    static class ForgetsOnSave extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor load(ArtifactReader artifact) {
                    return new FaultyFitted(super.load(artifact)) {
                        @Override
                        public Instance extract(Input input) {
                            return super.extract(newest(input, 5));
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorWhoseSettingsAreNotSaved() {
        Contracts.breaks(ForgetsOnSave.class, "roundTripIsExact", "after loading");
    }

    static class CutsTheNewest extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    return new FaultyFitted(super.fit(data, parameters)) {
                        @Override
                        public int[] positions(Input input) {
                            return super.positions(oldest(input, 20));
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatCutsTheNewestEvents() {
        Contracts.breaks(CutsTheNewest.class, "newestKnownEventsStay", "the newest known events");
    }

    static class WrongPositions extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    return new FaultyFitted(super.fit(data, parameters)) {
                        @Override
                        public int[] positions(Input input) {
                            return java.util.stream.IntStream.range(0, super.positions(input).length).toArray();
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorWhosePositionsPointElsewhere() {
        Contracts.breaks(WrongPositions.class, "positionsLeadBack", "its position names");
    }

    static class DuplicateTargets extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    return new FaultyFitted(super.fit(data, parameters)) {
                        @Override
                        public FeatureSchema schema() {
                            FeatureSchema s = super.schema();
                            List<String> targets = new ArrayList<>(s.targets());
                            targets.set(1, targets.get(0));
                            return new FeatureSchema(s.features(), targets, s.kinds(), s.attributes(), s.targetAttributes());
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatNamesATargetTwice() {
        Contracts.breaks(DuplicateTargets.class, "schemaIsSound", "each once");
    }

    static class LoadsAnything extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor load(ArtifactReader artifact) {
                    try {
                        return super.load(artifact);
                    } catch (RuntimeException e) {
                        return new FaultyFitted(null) {
                            @Override
                            public FeatureSchema schema() {
                                return FeatureSchemas.items(0);
                            }
                        };
                    }
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatLoadsRubbish() {
        Contracts.breaks(LoadsAnything.class, "damagedArtifactsAreRefused", "BAD_DATA");
    }

    static class KeepsData extends Good {
        private static final List<CleanData> KEPT = Collections.synchronizedList(new ArrayList<>());

        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    KEPT.add(data);
                    return super.fit(data, parameters);
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatKeepsTheTrainingData() {
        Contracts.breaks(KeepsData.class, "keepsNothing", "the training data is still held");
    }

    static class FitsNothing extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    return data.histories().isEmpty() ? new FaultyFitted(null) : super.fit(data, parameters);
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatFitsEmptyData() {
        Contracts.breaks(FitsNothing.class, "emptyDataAreRefused", "nothing was thrown");
    }

    static class SharedBuffer extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    return new FaultyFitted(super.fit(data, parameters)) {
                        private final Crowd crowd = new Crowd();

                        @Override
                        public Instance extract(Input input) {
                            return super.extract(crowd.crowded() ? new History(List.of()) : input);
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatSharesABufferBetweenThreads() {
        Contracts.breaks(SharedBuffer.class, "isThreadSafe", "threads");
    }

    private static History newest(Input input, int most) {
        List<Event> events = History.eventsOf(input);
        return new History(events.subList(Math.max(0, events.size() - most), events.size()));
    }

    private static History oldest(Input input, int most) {
        List<Event> events = History.eventsOf(input);
        return new History(events.subList(0, Math.min(most, events.size())));
    }
}
