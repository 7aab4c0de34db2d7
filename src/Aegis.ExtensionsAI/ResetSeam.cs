using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Aegis.Guarding;
using Aegis.Policies;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// <c>recovery.mode: reset-last</c>: of the new messages of a request one that is an attack is left out, if there is something left to answer; of the
/// earlier ones every one that was. The host's list stays as it is.
/// </summary>
/// <param name="turn">The request.</param>
/// <param name="pipeline">The policy that reads it, the same one to the end.</param>
/// <param name="memory">What was said of texts.</param>
internal sealed class ResetSeam(Turn turn, GuardPipeline pipeline, GuardMemory memory)
{
    public const string Rule = "recovery/reset-last";

    private readonly bool _isOn = pipeline.Policy.Source.Recovery.Mode == RecoveryMode.ResetLast && !pipeline.Policy.IsMonitor;
    private Inspection? _new;

    /// <summary>Leaves out a new message that was blocked. False: it is none that can be, or another one was.</summary>
    /// <param name="index">The message.</param>
    /// <param name="stopped">Why.</param>
    /// <param name="isTogether">Whether it is an attack only behind the words that stand before it.</param>
    public bool LeavesOut(int index, Inspection stopped, bool isTogether = false)
    {
        if (!_isOn || index < 0 || _new is not null || turn.Reset is not null || !stopped.Verdict.IsAttack || !IsOfUser(turn.Messages[index]))
        {
            return false;
        }

        memory.Remember(pipeline, turn.Run.Session, KeyOf(index, isTogether), new(null, stopped));   // harmless as each of its contents may be without the others
        turn.Messages.RemoveAt(index);
        turn.Reset = _new = stopped;
        return true;
    }

    /// <summary>Leaves out an earlier message that was an attack, and what this layer said to it. How many are gone.</summary>
    /// <param name="index">The message.</param>
    /// <param name="newest">Where the new ones begin.</param>
    public int LeavesOutEarlier(int index, int newest)
    {
        if (!_isOn || !IsOfUser(turn.Messages[index]) || StoppedOf(index) is not { } stopped)
        {
            return 0;
        }

        if (!turn.Messages.Skip(index).Any(static message => message.Role == ChatRole.Assistant && !message.Contents.Any(static content => content is FunctionCallContent)))
        {
            turn.Reset = stopped;   // a loop comes back with what it was asked
        }

        var count = index + 1 < newest && IsRefusal(turn.Messages[index + 1]) ? 2 : 1;
        turn.Messages.RemoveRange(index, count);
        return count;
    }

    /// <summary>Why the request ends after all, as nothing is left to answer; null: it goes on, which is an event.</summary>
    /// <param name="newest">Where the new messages begin.</param>
    /// <param name="cancellationToken">Cancels the event.</param>
    public async ValueTask<Inspection?> EndAsync(int newest, CancellationToken cancellationToken)
    {
        if (_new is not { } left)
        {
            return null;
        }

        if (turn.Approved is null && !turn.Messages.Skip(newest).Any(static message => (message.Role == ChatRole.User || message.Role == ChatRole.Tool) && NewMessages.Says(message)))
        {
            return left;
        }

        var said = await pipeline.RecordAsync(new UserInput(""), turn.Run, new(Rule, Decision.Flag) { Detail = left.Verdict.Rule }, cancellationToken);
        return said.MayProceed ? null : said;
    }

    /// <summary>What a user types or attaches, and nothing that another content hangs on.</summary>
    private static bool IsOfUser(ChatMessage message) =>
        message.Role == ChatRole.User && message.Contents.All(static content => content is TextContent or DataContent or UriContent && PromptPiece.Find(content) is null && !PromptPiece.IsContext(content));

    private bool IsRefusal(ChatMessage message) =>
        message.Role == ChatRole.Assistant && message.Contents.All(static content => content is TextContent) && string.Equals(message.Text, pipeline.Policy.Source.RefusalText, StringComparison.Ordinal);

    private Inspection? StoppedOf(int index)
    {
        foreach (var key in turn.Messages[index].Contents.OfType<TextContent>().Select(static text => RequestSeam.KeyOfTyped(text.Text)).Append(KeyOf(index, isTogether: false)).Append(KeyOf(index, isTogether: true)))
        {
            if (memory.TryGet(pipeline, turn.Run.Session, key, out var known) && known.Stopped is { } stopped && stopped.Verdict.IsAttack)
            {
                return stopped;
            }
        }

        return null;
    }

    /// <summary>Under which name a message is known that was left out: all of its contents, and of an attack in several messages the words before it.</summary>
    private UInt128 KeyOf(int index, bool isTogether)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var content in turn.Messages[index].Contents)
        {
            _ = content switch
            {
                TextContent text => Add(hash, "text", "", MemoryMarshal.AsBytes(text.Text.AsSpan())),
                DataContent data => Add(hash, data.MediaType, data.Name ?? "", data.Data.Span),
                UriContent uri => Add(hash, uri.MediaType, uri.Uri.OriginalString, []),
                _ => 0,
            };
        }

        if (isTogether && turn.Messages.Take(index).LastOrDefault(static message => message.Role == ChatRole.User && message.Text.Length > 0) is { } before)
        {
            Add(hash, "before", "", MemoryMarshal.AsBytes(before.Text.AsSpan()));
        }

        return GuardMemory.KeyOf(isTogether ? "reset+" : "reset", hash.GetHashAndReset());
    }

    private static int Add(IncrementalHash hash, string kind, string name, ReadOnlySpan<byte> data)
    {
        foreach (var part in (ReadOnlySpan<string>)[kind, name])
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(MemoryMarshal.AsBytes(part.AsSpan()));
        }

        hash.AppendData(BitConverter.GetBytes(data.Length));
        hash.AppendData(data);
        return data.Length;
    }
}
