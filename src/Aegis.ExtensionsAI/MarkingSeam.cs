using System.Runtime.CompilerServices;
using Aegis.Prompting;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// The last step on the way into the model: text from outside is marked, in copies that only the model sees. The layer nearest to the model does it; under
/// a layer that has only a function loop below it, what functions return in the loop is marked where it leaves them.
/// </summary>
/// <param name="guard">The guard.</param>
/// <param name="loop">The function loop below; null: there is none.</param>
/// <param name="isMarkedBelow">Whether a layer nearer to the model marks.</param>
internal sealed class MarkingSeam(AegisGuard guard, LoopGuard? loop, Func<bool> isMarkedBelow)
{
    private const int MostKnown = 8;   // of one conversation

    private static readonly ConditionalWeakTable<AegisRun, TextMarking> OfRuns = [];

    /// <summary>The messages as the inner client gets them. Also sets <see cref="Turn.Marks"/>.</summary>
    public List<ChatMessage> Mark(Turn turn)
    {
        turn.Marks = null;
        if (isMarkedBelow())
        {
            return turn.Messages;
        }

        var contents = turn.Messages.SelectMany(static message => message.Contents).ToList();
        var known = contents.Select(static content => PromptPiece.Find(content)?.Prompt.Marking).OfType<TextMarking>().Distinct().ToList();   // the app has marked these itself
        var earlier = turn.Options.ConversationId is { } conversation && GuardMemory.Of(guard).Markings.TryGet(conversation, out var kept) ? kept : [];
        known.AddRange(earlier);
        var messages = turn.Messages;
        var isMarking = false;
        if (guard.Pipeline.Policy.Marks)
        {
            var marking = Choose(turn, contents, earlier);
            messages = Mark(turn, marking.Mark);
            var loops = loop is not null && (turn.Options is IMessagesOfOthers or { Tools.Count: > 0 } || loop.AdditionalTools.Any());   // an agent has tools of its own
            isMarking = loops || !ReferenceEquals(messages, turn.Messages);
            if (isMarking)
            {
                known.Remove(marking);
                known.Insert(0, marking);
                messages = turn.Options is IMessagesOfOthers && earlier.Contains(marking) ? messages : Told(turn, messages, marking);   // an agent remembers it
            }
        }

        turn.Marks = known.Count == 0 ? null : new(known, isMarking, loop?.ShowsErrors == true);
        return messages;
    }

    /// <summary>Marks that a provider's conversation has may come back in any later turn.</summary>
    public void Remember(Marks? marks, string? conversation)
    {
        if (marks is not null && conversation is { Length: > 0 and <= SessionId.MaxLength })
        {
            GuardMemory.Of(guard).Markings.Set(conversation, [.. marks.Known.Take(MostKnown)]);
        }
    }

    /// <summary>One marking for all steps of a run, so that what the provider has cached of its prompt counts, and for all of a conversation that the provider keeps; but another one as soon as a text has its mark.</summary>
    private TextMarking Choose(Turn turn, List<AIContent> contents, IReadOnlyList<TextMarking> earlier)
    {
        var strategy = guard.Policy.Input.Marking;
        List<string> texts = [turn.Options.Instructions ?? "", .. contents.Select(Marks.TextOf)];
        contents.ForEach(content => Marks.Mark(content, isOthers: true, text =>
        {
            texts.Add(text);   // JSON is marked as it is written, and read as it is meant
            return text;
        }));
        var usual = OfRuns.TryGetValue(turn.Run, out var last) ? earlier.Prepend(last) : earlier;
        var marking = usual.FirstOrDefault(known => known.Strategy == strategy && texts.TrueForAll(known.MayMark)) ?? TextMarking.Create(strategy, texts, TextMarking.Random);
        OfRuns.AddOrUpdate(turn.Run, marking);
        return marking;
    }

    private List<ChatMessage> Mark(Turn turn, Func<string, string> mark)
    {
        var tools = new Dictionary<string, string>(StringComparer.Ordinal);
        var (marked, changed, leading) = (new List<ChatMessage>(turn.Messages.Count + 1), false, turn.Options is not IMessagesOfOthers);
        foreach (var message in turn.Messages)
        {
            leading &= RequestSeam.IsHosts(message.Role);
            var isOthers = !leading && message.Role != ChatRole.User && message.Role != ChatRole.Assistant;
            var contents = new List<AIContent>(message.Contents.Count);
            foreach (var content in message.Contents)
            {
                if (content is FunctionCallContent call)
                {
                    tools[call.CallId] = call.Name;
                }

                contents.Add(turn.Own.Contains(content) || (content is FunctionResultContent result && IsTrusted(turn, result, tools)) ? content : Marks.Mark(content, isOthers, mark));
            }

            var isSame = contents.Zip(message.Contents).All(static pair => ReferenceEquals(pair.First, pair.Second));
            changed |= !isSame;
            marked.Add(isSame ? message : Copies.Of(message, contents, keepRaw: false));
        }

        return changed ? marked : turn.Messages;
    }

    private bool IsTrusted(Turn turn, FunctionResultContent result, Dictionary<string, string> tools) =>
        (tools.GetValueOrDefault(result.CallId) ?? RunLookup.RecordOf(guard, result, turn.Options)?.Tool) is { } tool && IsTrusted(turn, tool);

    /// <summary>Whether the policy says of a tool that nobody but the app writes what it returns.</summary>
    public static bool IsTrusted(Turn turn, string tool) => turn.Run.Guard.Pipeline.Policy.Tools.For(new ToolCall(tool, ToolArguments.Empty) { Tools = turn.Offered }).Origin.IsTrusted;

    /// <summary>The messages with a word on how marked text is to be taken, behind what the host says itself: that stays the same from run to run.</summary>
    private static List<ChatMessage> Told(Turn turn, List<ChatMessage> messages, TextMarking marking)
    {
        var at = turn.Options is IMessagesOfOthers ? 0 : messages.FindIndex(static message => !RequestSeam.IsHosts(message.Role));
        var told = new List<ChatMessage>(messages);
        told.Insert(at < 0 ? messages.Count : at, new(ChatRole.System, marking.Sentence));
        return told;
    }
}
