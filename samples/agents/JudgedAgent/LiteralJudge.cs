using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace JudgedAgent;

/// <summary>Stands in for a model that judges: it approves a call whose tool says in other words what the request asks for. It reads nothing but what a judge is sent.</summary>
internal static partial class LiteralJudge
{
    private static readonly Dictionary<string, string[]> Means = new(StringComparer.Ordinal)
    {
        ["Reserves a seat at an event."] = ["seat", "ticket", "place"],
        ["Adds a reminder to the user's calendar."] = ["note", "reminder", "calendar"],
        ["Sends the user's contacts to an address."] = ["contacts", "address book"],
    };

    public static IChatClient Create() => new ScriptedChatClient(static (messages, _) =>
    {
        var nonce = Nonce().Match(messages[0].Text).Groups[1].Value;
        using var material = JsonDocument.Parse(messages[1].Text.Split('\n')[1]);
        var request = material.RootElement.GetProperty("request").GetString()!;
        var words = Means[material.RootElement.GetProperty("toolDescription").GetString()!];
        var verdict = Array.Exists(words, word => request.Contains(word, StringComparison.OrdinalIgnoreCase)) ? "approve" : "reject";
        return ScriptedTurn.Say($$"""{"nonce":"{{nonce}}","verdict":"{{verdict}}","confidence":0.9}""");
    });

    [GeneratedRegex("\"nonce\": \"([0-9a-f]{32})\"")]
    private static partial Regex Nonce();
}
