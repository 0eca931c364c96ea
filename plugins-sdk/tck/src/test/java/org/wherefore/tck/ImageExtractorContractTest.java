package org.wherefore.tck;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Input;
import org.wherefore.api.data.Picture;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;

/** The contract passes a good extractor of pictures and fails bad ones, for the right reason. */
class ImageExtractorContractTest {
    /** One pixel: the corner's light above the training pictures' mean. */
    static class Corner implements FeatureExtractor {
        @Override
        public String name() {
            return "corner";
        }

        @Override
        public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
            if (data.records().isEmpty()) {
                throw new WhereforeException(ErrorCode.BAD_DATA, "no records");
            }
            TreeSet<String> labels = new TreeSet<>();
            double sum = 0;
            for (DataRecord r : order(data.records())) {
                labels.add(r.text("label").orElseThrow());
                sum += r.image("image").orElseThrow().sample(0, 0, 0);
            }
            return fitted(List.copyOf(labels), sum / data.records().size());
        }

        List<DataRecord> order(List<DataRecord> records) {
            return records.stream().sorted(java.util.Comparator.comparing(r -> r.text("id").orElseThrow())).toList();
        }

        CornerFitted fitted(List<String> targets, double mean) {
            return new CornerFitted(targets, mean);
        }

        @Override
        public FittedExtractor load(ArtifactReader artifact) {
            try (DataInputStream in = new DataInputStream(artifact.open("corner.bin"))) {
                if (in.readInt() != 7) {
                    throw new WhereforeException(ErrorCode.BAD_DATA, "not a corner");
                }
                return fitted(List.of(in.readUTF(), in.readUTF()), in.readDouble());
            } catch (IOException | IllegalArgumentException e) {
                throw new WhereforeException(ErrorCode.BAD_DATA, "corner.bin is damaged", e);
            } catch (WhereforeException e) {
                throw new WhereforeException(ErrorCode.BAD_DATA, "no corner.bin", e);
            }
        }
    }

    static class CornerFitted implements FittedExtractor {
        final List<String> targets;
        final double mean;

        CornerFitted(List<String> targets, double mean) {
            this.targets = targets;
            this.mean = mean;
        }

        static Picture picture(Input input) {
            if (!(input instanceof DataRecord r)) {
                throw new IllegalArgumentException("a record is needed");
            }
            return r.image("image").orElseThrow(() -> WhereforeException.invalid("image", "the image is missing"));
        }

        @Override
        public FeatureSchema schema() {
            return FeatureSchema.of(List.of(new FeatureSpec("image", "image", "image", false, true, false, "Image")), targets);
        }

        @Override
        public OptionalInt target(String id) {
            return targets.contains(id) ? OptionalInt.of(targets.indexOf(id)) : OptionalInt.empty();
        }

        @Override
        public Instance extract(Input input) {
            return new ImageInstance(1, 1, 1, new float[] {(float) (picture(input).sample(0, 0, 0) - mean)});
        }

        @Override
        public Optional<String> check(Input input) {
            return picture(input).channels() == 3 ? Optional.of("it is in colour") : Optional.empty();
        }

        @Override
        public void save(ArtifactWriter artifact) {
            try (DataOutputStream out = new DataOutputStream(artifact.create("corner.bin"))) {
                out.writeInt(7);
                out.writeUTF(targets.get(0));
                out.writeUTF(targets.get(1));
                out.writeDouble(mean);
            } catch (IOException e) {
                throw new WhereforeException(ErrorCode.STORAGE, "corner.bin", e);
            }
        }
    }

    static class Good extends ImageExtractorContract {
        @Override
        protected FeatureExtractor extractor() {
            return new Corner();
        }
    }

    static class RandomExtractor extends ImageExtractorContract {
        @Override
        protected FeatureExtractor extractor() {
            return new Corner() {
                @Override
                CornerFitted fitted(List<String> targets, double mean) {
                    return new CornerFitted(targets, mean) {
                        private int calls;

                        @Override
                        public Instance extract(Input input) {
                            return new ImageInstance(1, 1, 1, new float[] {picture(input).sample(0, 0, 0) + ++calls});
                        }
                    };
                }
            };
        }
    }

    static class Unsorted extends ImageExtractorContract {
        @Override
        protected FeatureExtractor extractor() {
            return new Corner() {
                @Override
                List<DataRecord> order(List<DataRecord> records) {
                    return records.subList(0, 2);
                }
            };
        }
    }

    static class Suspicious extends ImageExtractorContract {
        @Override
        protected FeatureExtractor extractor() {
            return new Corner() {
                @Override
                CornerFitted fitted(List<String> targets, double mean) {
                    return new CornerFitted(targets, mean) {
                        @Override
                        public Optional<String> check(Input input) {
                            return Optional.of("never seen");
                        }
                    };
                }
            };
        }
    }

    @Test
    void aGoodExtractorKeepsEveryRule() {
        Contracts.passes(Good.class, 0);
    }

    @Test
    void augmentingWhereItServesIsNoticed() {
        Contracts.breaks(RandomExtractor.class, "instancesHaveOneShape", "nothing random belongs here");
    }

    @Test
    void dependingOnTheOrderOfRecordsIsNoticed() {
        Contracts.breaks(Unsorted.class, "fittingIsReproducible", "another order");
    }

    @Test
    void refusingWhatItLearnedFromIsNoticed() {
        Contracts.breaks(Suspicious.class, "trainingIsNotStrange", "at most one in a hundred");
    }
}
