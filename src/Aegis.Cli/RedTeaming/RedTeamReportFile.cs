using System.Text;

namespace Aegis.Cli.RedTeaming;

/// <summary>A report in a file, of the kind that its name says.</summary>
internal static class RedTeamReportFile
{
    public const string Kinds = ".json, .sarif, .xml (JUnit) or .html";

    public static bool IsKnown(string path) => Path.GetExtension(path).ToLowerInvariant() is ".json" or ".sarif" or ".xml" or ".html";

    public static async Task WriteAsync(string path, RedTeamVerdict verdict, AegisPolicy policy, string? source, CancellationToken cancellationToken)
    {
        var text = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".json" => RedTeamJson.Of(verdict).ToJsonString(PolicyOutput.Readable),
            ".sarif" => RedTeamSarif.Of(verdict, policy, source).ToJsonString(PolicyOutput.Readable),
            ".xml" => $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{RedTeamJUnit.Of(verdict)}",
            _ => RedTeamHtml.Of(verdict),
        };
        await File.WriteAllTextAsync(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), cancellationToken);
    }
}
