package org.wherefore.launcher.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeSettingsTest {
    @TempDir
    Path home;

    private HomeSettings read(String text) throws Exception {
        Files.writeString(home.resolve(HomeSettings.FILE), text);
        return HomeSettings.read(home, Map.of("STORE", "s3cret", "PLACE", "eu")::get);
    }

    @Test
    void aHomeWithoutTheFileHasNoSettings() {
        assertThat(HomeSettings.read(home, n -> null).properties()).isEqualTo(Map.of("wherefore.settings", ""));
    }

    @Test
    void resolvesVariablesAndFiles() throws Exception {
        Files.writeString(home.resolve("key"), "from a file\n");
        HomeSettings s = read("access.jwt.issuer=https://${env:PLACE}.example/\nhttp.tls.keystorePassword=${env:STORE}\nhttp.tls.keyPassword=${file:key}\n");
        assertThat(s.properties()).containsEntry("wherefore.access.jwt.issuer", "https://eu.example/").containsEntry("wherefore.http.tls.keystorePassword", "s3cret")
                .containsEntry("wherefore.http.tls.keyPassword", "from a file")
                .containsEntry("wherefore.settings", "access.jwt.issuer,http.tls.keyPassword,http.tls.keystorePassword");
        assertThat(s.toString()).doesNotContain("s3cret");
    }

    @Test
    void refusesSecretsInTheFileAndNamesNoValue() {
        assertThatThrownBy(() -> read("http.tls.keystorePassword=hunter2\n")).hasMessageContaining("http.tls.keystorePassword").hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> read("journal.password=x${env:STORE}\n")).hasMessageContaining("journal.password").hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> read("a.secret=${env:MISSING}\n")).hasMessageContaining("the variable MISSING, which is not set");
        assertThatThrownBy(() -> read("home=/elsewhere\n")).hasMessageContaining("with dots between");
        assertThatThrownBy(() -> read("a.token=${file:none}\n")).hasMessageContaining("which can't be read");
    }

    @Test
    void letsOtherMachinesInByTlsOrAnExplicitWordOnly() throws Exception {
        assertThat(Listening.of(read(""), home, 1).loopback()).isTrue();
        assertThatThrownBy(() -> Listening.of(read("http.host=0.0.0.0\n"), home, 1)).hasMessageContaining("keys would travel in the clear");
        assertThat(Listening.of(read("http.host=0.0.0.0\nhttp.plain=true\n"), home, 1).url()).isEqualTo("http://127.0.0.1:1/");
        assertThatThrownBy(() -> Listening.of(read("http.tls.keystore=none.p12\n"), home, 1)).hasMessageContaining("http.tls.keystorePassword is needed");
        assertThatThrownBy(() -> Listening.of(read("http.tls.keystore=none.p12\nhttp.tls.keystorePassword=${env:STORE}\n"), home, 1)).hasMessageContaining("can't be read")
                .hasMessageNotContaining("s3cret");
    }
}
