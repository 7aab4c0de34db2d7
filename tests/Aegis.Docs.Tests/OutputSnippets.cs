using Aegis.Events;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.Docs.Tests;

/// <summary>The code of docs/output.md.</summary>
public class OutputSnippets
{
    [Fact]
    public async Task ASinkHearsWhatWasReplacedAndWhatWasStopped()
    {
        IChatClient openAI = new ScriptedChatClient(ScriptedTurn.Say("Write to mira.kolbe@quellbruck-optik.de."), ScriptedTurn.Say("It is ghp_" + "f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo."));
        // <heard>
        IChatClient client = openAI.AsBuilder()
            .UseAegis(AegisPolicy.Preset("balanced"), aegis => aegis.AddSink(new Shown()))
            .Build();
        // </heard>
        var (error, heard) = (Console.Error, new StringWriter());
        Console.SetError(heard);
        try
        {
            Assert.Equal("Write to [REDACTED-EMAIL].", (await client.GetResponseAsync("Whom?")).Text);
            await client.GetStreamingResponseAsync("And the key?").ToChatResponseAsync();
        }
        finally
        {
            Console.SetError(error);
        }

        Assert.Equal(["Output Redact pii/email", "Output Block secrets/github-pat"], heard.ToString().ReplaceLineEndings("\n").TrimEnd().Split('\n'));
    }

    // <shown>
    private sealed class Shown : IEventSink   // Aegis.Events
    {
        public void Write(AegisEvent e)
        {
            if (e.Decision != Decision.Allow)
            {
                Console.Error.WriteLine($"{e.Checkpoint} {e.Decision} {e.Verdict.Rule}");   // Output Redact pii/email
            }
        }
    }
    // </shown>
}
