using Aegis.Events;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>Short words for the tests.</summary>
internal static class Some
{
    public static AegisPolicy Balanced { get; } = AegisPolicy.Preset("balanced");

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static AIFunction Tool(string name, Action<string>? run = null) => AIFunctionFactory.Create(
        (string value) =>
        {
            run?.Invoke(value);
            return $"{name} did {value}";
        },
        name);

    public static ChatOptions With(params AITool[] tools) => new() { Tools = [.. tools] };

    public static ScriptedTurn Call(string tool, string value = "x") => ScriptedTurn.Call(tool, new { value });

    public static IReadOnlyList<string> Rules(ChatResponse response) => Assert.IsType<AegisRefusal>(response.AdditionalProperties?["aegis"]).Rules;

    public static string Sent(ScriptedChatClient model) => string.Join('\n', model.Requests.SelectMany(static request => request.Messages).SelectMany(static message => message.Contents).Select(static content => content switch
    {
        TextContent text => text.Text,
        FunctionResultContent result => result.Result?.ToString(),
        _ => content.GetType().Name,
    }));

    internal sealed class Recorder : IEventSink
    {
        private readonly List<AegisEvent> _events = [];

        public IReadOnlyList<AegisEvent> Events
        {
            get
            {
                lock (_events)
                {
                    return [.. _events];
                }
            }
        }

        public void Write(AegisEvent e)
        {
            lock (_events)
            {
                _events.Add(e);
            }
        }
    }
}
