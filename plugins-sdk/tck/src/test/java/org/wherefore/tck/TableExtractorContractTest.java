package org.wherefore.tck;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Input;
import org.wherefore.api.data.Schema;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.testkit.plugin.ToyTableExtractor;

/** The contract passes a good extractor of records and fails each bad one, for the right reason. */
class TableExtractorContractTest {
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
        public void save(ArtifactWriter artifact) {
            good.save(artifact);
        }
    }

    static class Faulty implements FeatureExtractor {
        final FeatureExtractor good = new ToyTableExtractor();

        /** What is wrong with what was fitted. */
        FittedExtractor spoil(FittedExtractor fitted) {
            return fitted;
        }

        /** What is wrong with the aggregates. */
        Aggregates spoil(Aggregates aggregates) {
            return aggregates;
        }

        @Override
        public String name() {
            return good.name();
        }

        @Override
        public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
            return spoil(good.fit(data, parameters));
        }

        @Override
        public Optional<Aggregates> aggregates(Schema schema, Map<String, String> parameters) {
            return good.aggregates(schema, parameters).map(this::spoil);
        }

        @Override
        public FittedExtractor load(ArtifactReader artifact) {
            return spoil(good.load(artifact));
        }
    }

    static class FaultyAggregates implements Aggregates {
        final Aggregates good;

        FaultyAggregates(Aggregates good) {
            this.good = good;
        }

        @Override
        public Schema schema() {
            return good.schema();
        }

        @Override
        public DataRecord enrich(DataRecord record) {
            return good.enrich(record);
        }

        @Override
        public boolean add(DataRecord record) {
            return good.add(record);
        }

        @Override
        public boolean label(String id, boolean positive) {
            return good.label(id, positive);
        }

        @Override
        public Instant horizon(Instant now) {
            return good.horizon(now);
        }

        @Override
        public void save(OutputStream out) {
            good.save(out);
        }

        @Override
        public void load(InputStream in) {
            good.load(in);
        }
    }

    static class Good extends TableExtractorContract {
        @Override
        protected FeatureExtractor extractor() {
            return new ToyTableExtractor();
        }
    }

    static class WithoutAggregates extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public Optional<Aggregates> aggregates(Schema schema, Map<String, String> parameters) {
                    return Optional.empty();
                }
            };
        }
    }

    @Test
    void passesGoodExtractorsWithAndWithoutAggregates() {
        Contracts.passes(Good.class, 0);
        Contracts.passes(WithoutAggregates.class, 7);
    }

    static class ReadsTheLabel extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                FittedExtractor spoil(FittedExtractor fitted) {
                    return new FaultyFitted(fitted) {
                        @Override
                        public Instance extract(Input input) {
                            TableInstance row = (TableInstance) super.extract(input);
                            return ((DataRecord) input).text("label").orElse("").equals("1") ? row.with(0, 1) : row;
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatReadsTheLabel() {
        Contracts.breaks(ReadsTheLabel.class, "truthIsNoInput", "tells the model the answer");
    }

    static class FillsWhatIsMissing extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                FittedExtractor spoil(FittedExtractor fitted) {
                    return new FaultyFitted(fitted) {
                        @Override
                        public Instance extract(Input input) {
                            TableInstance row = (TableInstance) super.extract(input);
                            return row.missing(0) ? row.with(0, 0) : row;
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatFillsWhatIsMissing() {
        Contracts.breaks(FillsWhatIsMissing.class, "inputsMatter", "missing (NaN)");
    }

    static class IndexBeyondCategories extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                FittedExtractor spoil(FittedExtractor fitted) {
                    return new FaultyFitted(fitted) {
                        @Override
                        public Instance extract(Input input) {
                            TableInstance row = (TableInstance) super.extract(input);
                            return row.value(1) == 0 ? row.with(1, schema().features().get(1).categories().size()) : row;
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorWhoseUnknownCategoryIsNone() {
        Contracts.breaks(IndexBeyondCategories.class, "schemaIsSound", "the index of one of its");
    }

    static class LearnsWhileServing extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                FittedExtractor spoil(FittedExtractor fitted) {
                    Set<String> seen = Collections.synchronizedSet(new HashSet<>());
                    return new FaultyFitted(fitted) {
                        @Override
                        public Instance extract(Input input) {
                            seen.add(((DataRecord) input).text("channel").orElse(""));
                            return super.extract(input);
                        }

                        @Override
                        public FeatureSchema schema() {
                            List<FeatureSpec> features = new ArrayList<>(super.schema().features());
                            List<String> categories = new ArrayList<>(features.get(1).categories());
                            categories.addAll(seen.contains("pigeon post") ? List.of("pigeon post") : List.of());
                            features.set(1, FeatureSpec.category("channel", categories.toArray(String[]::new)));
                            return FeatureSchema.of(features, super.schema().targets());
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

    static class OrderedByArrival extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
                    String first = data.records().isEmpty() ? "" : data.records().get(0).text("id").orElseThrow();
                    return new FaultyFitted(super.fit(data, parameters)) {
                        @Override
                        public void save(ArtifactWriter artifact) {
                            super.save(artifact);
                            try (OutputStream out = artifact.create("first")) {
                                out.write(first.getBytes(java.nio.charset.StandardCharsets.UTF_8));
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
    void failsAnExtractorWhoseBytesDependOnTheOrder() {
        Contracts.breaks(OrderedByArrival.class, "fittingIsReproducible", "sort what you iterate over");
    }

    static class TakesAnyInput extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                FittedExtractor spoil(FittedExtractor fitted) {
                    return new FaultyFitted(fitted) {
                        @Override
                        public Instance extract(Input input) {
                            try {
                                return super.extract(input);
                            } catch (WhereforeException e) {
                                return new TableInstance(Double.NaN, Double.NaN);
                            }
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnExtractorThatMakesARowOfAnything() {
        Contracts.breaks(TakesAnyInput.class, "foreignInputsAreRefused", "nothing was thrown");
    }

    static class CountsWhatItIsAsked extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                Aggregates spoil(Aggregates aggregates) {
                    return new FaultyAggregates(aggregates) {
                        @Override
                        public DataRecord enrich(DataRecord record) {
                            DataRecord enriched = super.enrich(record);
                            super.add(record);
                            return enriched;
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAggregatesThatCountWhatTheyAreAsked() {
        Contracts.breaks(CountsWhatItIsAsked.class, "enrichingChangesNothing", "after others were given");
    }

    static class DropsLateOnes extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                Aggregates spoil(Aggregates aggregates) {
                    return new FaultyAggregates(aggregates) {
                        private Instant newest = Instant.MIN;

                        @Override
                        public synchronized boolean add(DataRecord record) {
                            Instant time = record.time("time").orElseThrow();
                            if (time.isBefore(newest)) {
                                return false;
                            }
                            newest = time;
                            return super.add(record);
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAggregatesThatDropWhatComesLate() {
        Contracts.breaks(DropsLateOnes.class, "aggregatesDependOnRecordsOnly", "came backwards");
    }

    static class HorizonTooLate extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                Aggregates spoil(Aggregates aggregates) {
                    return new FaultyAggregates(aggregates) {
                        @Override
                        public Instant horizon(Instant now) {
                            return now.minus(Duration.ofHours(30));
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAggregatesWhoseHorizonIsTooLate() {
        Contracts.breaks(HorizonTooLate.class, "horizonIsEnough", "what horizon() names");
    }

    static class IgnoresLabels extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                Aggregates spoil(Aggregates aggregates) {
                    return new FaultyAggregates(aggregates) {
                        @Override
                        public boolean label(String id, boolean positive) {
                            return super.label(id, false);
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAggregatesThatIgnoreLaterLabels() {
        Contracts.breaks(IgnoresLabels.class, "labelsMayComeLater", "labels came later");
    }

    static class KeepsOldOnLoad extends Good {
        @Override
        protected FeatureExtractor extractor() {
            return new Faulty() {
                @Override
                Aggregates spoil(Aggregates aggregates) {
                    return new FaultyAggregates(aggregates) {
                        @Override
                        public void load(InputStream in) {
                            java.io.ByteArrayOutputStream mine = new java.io.ByteArrayOutputStream();
                            super.save(mine);
                            super.load(in);
                            if (mine.size() > 100) {
                                super.load(new java.io.ByteArrayInputStream(mine.toByteArray()));
                            }
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAggregatesThatRememberWhatALoadReplaced() {
        Contracts.breaks(KeepsOldOnLoad.class, "damagedAggregatesAreRefused", "remember nothing");
    }
}
