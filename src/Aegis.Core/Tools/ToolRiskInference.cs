using System.Collections.Frozen;
using System.Text.Json;

namespace Aegis.Tools;

/// <summary>Risk of a tool that the policy does not declare, from data: the annotations, the kind, and the verbs in the name. Unknown is <see cref="ToolRisk.High"/>.</summary>
internal sealed class ToolRiskInference
{
    private readonly FrozenDictionary<string, ToolRisk> _verbs;
    private readonly FrozenDictionary<string, ToolRisk> _kinds;
    private readonly ToolRisk _unknown;

    private ToolRiskInference(JsonElement data)
    {
        _verbs = data.GetProperty("verbs").EnumerateObject()
            .SelectMany(static group => group.Value.EnumerateArray().Select(verb => KeyValuePair.Create(verb.GetString()!, Enum.Parse<ToolRisk>(group.Name))))
            .ToFrozenDictionary(StringComparer.Ordinal);
        _kinds = data.GetProperty("kinds").EnumerateObject().ToFrozenDictionary(static kind => kind.Name, static kind => Enum.Parse<ToolRisk>(kind.Value.GetString()!));
        _unknown = Enum.Parse<ToolRisk>(data.GetProperty("unknown").GetString()!);
    }

    public static ToolRiskInference Default { get; } = Load();

    /// <summary>The risk and the fact that decided, for people.</summary>
    public (ToolRisk Level, string Reason) Of(ToolInfo tool)
    {
        if (tool.Destructive == true)
        {
            return (ToolRisk.High, "annotation 'destructive'");
        }

        if (tool.Kind != ToolKind.Function)
        {
            return (_kinds.GetValueOrDefault(tool.Kind.ToString(), _unknown), $"hosted tool '{tool.Kind}'");
        }

        (ToolRisk Level, string Reason)? worst = null;
        foreach (var word in Words(tool.Name))
        {
            if (_verbs.TryGetValue(word, out var risk) && (worst is null || risk > worst.Value.Level))
            {
                worst = (risk, $"'{word}' in the name");
            }
        }

        return worst ?? (_unknown, "no known verb in the name");
    }

    /// <summary><c>sendEmail</c>, <c>send_email</c> and <c>SEND-EMAIL</c> are all "send", "email".</summary>
    internal static IEnumerable<string> Words(string name)
    {
        var start = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            var ends = i == name.Length || !char.IsAsciiLetter(name[i]);
            var humps = !ends && i > start && char.IsAsciiLetterUpper(name[i]) && (!char.IsAsciiLetterUpper(name[i - 1]) || BeginsWord(name, i));
            if (!ends && !humps)
            {
                continue;
            }

            if (i > start)
            {
                yield return name[start..i].ToLowerInvariant();
            }

            start = ends ? i + 1 : i;
        }
    }

    /// <summary>Whether a capital behind capitals begins a word, as the M of <c>FHIRManage</c> does and the L of <c>URLs</c> does not.</summary>
    private static bool BeginsWord(string name, int i) => i + 2 < name.Length && char.IsAsciiLetterLower(name[i + 1]) && char.IsAsciiLetterLower(name[i + 2]);

    private static ToolRiskInference Load()
    {
        using var stream = typeof(ToolRiskInference).Assembly.GetManifestResourceStream("tool-risk.json")!;
        using var document = JsonDocument.Parse(stream);
        return new(document.RootElement);
    }
}
