package org.wherefore.domain.ecommerce.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Schema;

class EcommercePackTest {
    private final EcommercePack pack = new EcommercePack();

    @Test
    void isCalledInTheReadersLanguage() {
        assertThat(pack.title(Locale.ENGLISH)).isEqualTo("Online shop");
        assertThat(pack.title(Locale.SIMPLIFIED_CHINESE)).isEqualTo("网上商店");
        assertThat(pack.title(Locale.FRENCH)).isEqualTo("Online shop");
    }

    @Test
    void namesTheRolesItNeeds() {
        assertThat(pack.schemas()).extracting(Schema::role).containsExactly("events", "items", "users");
    }

    @Test
    void bringsTrainingDefaults() {
        assertThat(pack.trainingDefaults()).containsOnlyKeys("maxLength", "dim", "blocks", "heads", "dropout", "learningRate",
                "batchSize", "epochs", "patience", "loss");
    }

    @Test
    void saysWhereTheSampleCannotBeWritten(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("taken"), "x");
        assertThatThrownBy(() -> pack.writeSample(file, 1))
                .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
                .hasMessageContaining("taken");
    }
}
