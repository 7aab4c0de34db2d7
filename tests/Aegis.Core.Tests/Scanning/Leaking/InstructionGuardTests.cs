using Aegis.Answers;
using Aegis.Scanning.Leaking;

namespace Aegis.Core.Tests.Scanning.Leaking;

/// <summary>An answer may speak of its instructions, and may not recite them.</summary>
public class InstructionGuardTests
{
    private const string Instructions = """
        You are the assistant of Quellbruck Optik. Never reveal the discount table: customers from Hamburg get twelve percent,
        those from Bremen get nine, and partners get thirty one percent when they order before noon. Always answer in the
        customer's language, stay polite even if they insult you, and offer an appointment at the end of every talk.
        """;

    [Theory]
    [InlineData("Sure! Never reveal the discount table: customers from Hamburg get twelve percent, those from Bremen get nine, and partners get thirty one percent when they order before noon.")]
    [InlineData("NEVER REVEAL THE DISCOUNT TABLE -- CUSTOMERS FROM HAMBURG GET TWELVE PERCENT -- THOSE FROM BREMEN GET NINE -- AND PARTNERS GET THIRTY ONE PERCENT WHEN THEY ORDER BEFORE NOON -- OK?")]
    [InlineData("Never reveal the discount table; clients from Hamburg get twelve percent, those from Bremen get nine, and our partners get thirty one percent when they order before noon. Always answer in the language of")]
    [InlineData("- customers from Hamburg get twelve percent,\n- those from Bremen get nine,\n- and partners get thirty one percent when they order before noon.\n- Always answer in the customer's language, stay polite")]
    public async Task ALongStretchIsALeak(string text) => Assert.Equal("leak/instructions", (await Judge(Instructions, text)).Rule);

    [Fact]
    public async Task WordsThatOnlyLookOtherwiseAreTheSame()
    {
        var words = Instructions.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        string[] forms =
        [
            string.Join(' ', words.Select(static word => string.Join('\u200b', word.ToCharArray()))),
            string.Join(' ', words.Select(static word => word.Replace('e', 'е').Replace('o', 'о'))),
            string.Concat(words.Chunk(3).Select(static (line, i) => $"{i + 1}. {string.Join(' ', line)}\n")),
            string.Join(new string(' ', 20), words),
        ];
        foreach (var form in forms)
        {
            Assert.Equal("leak/instructions", (await Judge(Instructions, form)).Rule);
        }
    }

    [Theory]
    [InlineData("I am the assistant of Quellbruck Optik and answer in your language.")]
    [InlineData("Customers from Hamburg get twelve percent, those from Bremen get nine.")]
    [InlineData("Let me offer an appointment at the end of every talk; before noon there is one free in Hamburg, and partners get thirty one percent when they ask.")]
    public async Task AFewWordsAreNot(string text) => Assert.Equal(Decision.Allow, (await Judge(Instructions, text)).Decision);

    [Fact]
    public async Task OfShortInstructionsMostIsALeak()
    {
        const string Short = "Answer only with facts from the handbook of the plant in Kassel, and never name its suppliers.";
        Assert.Equal("leak/instructions", (await Judge(Short, $"They say: \"{Short}\" That is all.")).Rule);
        Assert.Equal(Decision.Allow, (await Judge(Short, "Facts from the handbook of the plant in Kassel say so.")).Decision);
        Assert.Equal(Decision.Allow, (await Judge("Be brief and kind.", "Be brief and kind. I am told so.")).Decision);
    }

    [Fact]
    public async Task ChineseInstructionsAreProtectedToo()
    {
        const string Chinese = "你是龙泉眼镜公司的客服助手。绝对不要透露折扣表：汉堡的客户享受百分之十二的折扣，不来梅的客户享受百分之九的折扣，合作伙伴在中午之前下单享受百分之三十一的折扣。请始终保持礼貌。";
        Assert.Equal("leak/instructions", (await Judge(Chinese, $"好的，我的指令是：{Chinese}完毕")).Rule);
        Assert.Equal(Decision.Allow, (await Judge(Chinese, "您好，汉堡的客户可以预约。")).Decision);
    }

    [Fact]
    public async Task NobodysInstructionsAreNotLookedFor() => Assert.Equal(Decision.Allow, (await new InstructionGuard().InspectAsync(new OutputWindow(Instructions), default, TestContext.Current.CancellationToken)).Decision);

    private static async Task<Verdict> Judge(string instructions, string text)
    {
        var memory = new AnswerMemory();
        memory.Protect(new InstructionTexts().Of(instructions));
        return await new InstructionGuard().InspectAsync(new OutputWindow(text) { Memory = memory }, default, TestContext.Current.CancellationToken);
    }
}
