using System.Text.Json.Nodes;

namespace Aegis.Cli.Promptfoo;

/// <summary>What was made of a configuration of others.</summary>
/// <param name="Suite">The suite, as <see cref="Testing.RedTeamOptions.OwnSuites"/> reads it.</param>
/// <param name="Cases">Cases in it.</param>
/// <param name="Left">Tests and prompts of which nothing could be made: files, code, media, data that is elsewhere.</param>
internal sealed record ImportedSuite(JsonObject Suite, int Cases, int Left);
