package org.wherefore.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.testkit.plugin.ToyPack;

/** The contract passes a good pack and fails each bad one, for the right reason. */
class DomainPackContractTest {
    static class Faulty implements DomainPack {
        final DomainPack good = new ToyPack();

        @Override
        public String id() {
            return good.id();
        }

        @Override
        public String title(Locale locale) {
            return good.title(locale);
        }

        @Override
        public List<String> tasks() {
            return good.tasks();
        }

        @Override
        public List<String> modalities() {
            return good.modalities();
        }

        @Override
        public List<Schema> schemas() {
            return good.schemas();
        }

        @Override
        public String extractor() {
            return good.extractor();
        }

        @Override
        public String engine() {
            return good.engine();
        }

        @Override
        public String fallbackEngine() {
            return good.fallbackEngine();
        }

        @Override
        public List<String> claimKinds() {
            return good.claimKinds();
        }

        @Override
        public Map<String, String> trainingDefaults() {
            return good.trainingDefaults();
        }

        @Override
        public Optional<Path> writeSample(Path folder, long seed) {
            return good.writeSample(folder, seed);
        }
    }

    static class Good extends DomainPackContract {
        @Override
        protected DomainPack pack() {
            return new ToyPack();
        }
    }

    @Test
    void passesAGoodPack() {
        Contracts.passes(Good.class, 0);
    }

    static class Unnamed extends Good {
        @Override
        protected DomainPack pack() {
            return new Faulty() {
                @Override
                public String id() {
                    return "My Shop";
                }
            };
        }
    }

    @Test
    void failsAPackWhoseIdIsNoName() {
        Contracts.breaks(Unnamed.class, "declaresItself", "lower-case");
    }

    static class Monolingual extends Good {
        @Override
        protected DomainPack pack() {
            return new Faulty() {
                @Override
                public String title(Locale locale) {
                    return locale.equals(Locale.ENGLISH) ? "Toy" : null;
                }
            };
        }
    }

    @Test
    void failsAPackWithoutATitleInSomeLanguage() {
        Contracts.breaks(Monolingual.class, "hasTitles", "title(");
    }

    static class Writable extends Good {
        private static final Map<String, String> SHARED = new HashMap<>(Map.of("a", "1"));

        @Override
        protected DomainPack pack() {
            return new Faulty() {
                @Override
                public Map<String, String> trainingDefaults() {
                    return SHARED;
                }
            };
        }
    }

    @Test
    void failsAPackWhoseDefaultsCanBeChanged() {
        Contracts.breaks(Writable.class, "isImmutable", "trainingDefaults()");
    }

    static class WritableList extends Good {
        @Override
        protected DomainPack pack() {
            return new Faulty() {
                @Override
                public List<String> tasks() {
                    return new ArrayList<>(super.tasks());
                }
            };
        }
    }

    @Test
    void failsAPackWhoseListsCanBeChanged() {
        Contracts.breaks(WritableList.class, "isImmutable", "unmodifiable");
    }

    static class Doubled extends Good {
        @Override
        protected DomainPack pack() {
            return new Faulty() {
                @Override
                public List<Schema> schemas() {
                    return List.of(super.schemas().get(0), super.schemas().get(0));
                }
            };
        }
    }

    @Test
    void failsAPackWithTwoSchemasOfOneRole() {
        Contracts.breaks(Doubled.class, "describesItsData", "roles");
    }

    static class TimeStamped extends Good {
        @Override
        protected DomainPack pack() {
            return new Faulty() {
                @Override
                public Optional<Path> writeSample(Path folder, long seed) {
                    Optional<Path> description = super.writeSample(folder, seed);
                    try {
                        Files.writeString(folder.resolve("made"), Long.toString(System.nanoTime()));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return description;
                }
            };
        }
    }

    @Test
    void failsAPackWhoseSampleHoldsTheTime() {
        Contracts.breaks(TimeStamped.class, "sampleIsReproducible", "no time");
    }

    static class Wanders extends Good {
        @Override
        protected DomainPack pack() {
            return new Faulty() {
                @Override
                public Optional<Path> writeSample(Path folder, long seed) {
                    try {
                        Files.writeString(folder.resolveSibling("beside.txt"), "here");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return super.writeSample(folder, seed);
                }
            };
        }
    }

    @Test
    void failsAPackThatWritesOutsideTheFolder() {
        Contracts.breaks(Wanders.class, "writesItsSample", "inside the folder only");
    }

    static class Careless extends Good {
        @Override
        protected DomainPack pack() {
            return new Faulty() {
                @Override
                public Optional<Path> writeSample(Path folder, long seed) {
                    try {
                        return Optional.of(Files.writeString(folder.resolve("toy.json"), "{\"domain\": \"toy\"}"));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            };
        }
    }

    @Test
    void failsAPackThatThrowsExceptionsOfItsOwn() {
        Contracts.breaks(Careless.class, "unwritableFolderIsReported", "STORAGE");
    }
}
