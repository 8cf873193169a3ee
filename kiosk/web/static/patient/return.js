// After an error the next patient finds the welcome screen.

const STAYS = 30_000;

setTimeout(() => location.replace("/"), STAYS);
