using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace StreamingChat;

/// <summary>Stands in for a model that has read too much: it answers with what it knows of people, and with a key. Three characters a chunk.</summary>
internal static class TalkativeModel
{
    private const string Email = "mira.kolbe@quellbruck-optik.de";
    private const string Iban = "DE89 3704 0044 0532 0130 00";
    private const string Card = "4539 1488 0343 6467";
    private const string Token = "ghp_" + "f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo";   // in two parts: scanners of repositories read this file too

    private const string Customer = $"Mira's order 48213 was paid today. Write to {Email}, refund to {Iban} or to her card {Card}; it takes three days.";
    private const string Deployment = $"Run the script with the token {Token}, and it restarts by itself.";

    /// <summary>What nobody may read.</summary>
    public static IReadOnlyList<string> Protected { get; } = [Email, Iban, Card, Token];

    /// <summary>What is asked where nobody types.</summary>
    public static IReadOnlyList<string> Questions { get; } = ["How do I refund Mira's order?", "How do I start the deployment?"];

    public static IChatClient Create() => new ScriptedChatClient(static (messages, _) => ScriptedTurn.Say(messages[^1].Text == Questions[0] ? Customer : Deployment)) { ChunkSize = 3 };
}
