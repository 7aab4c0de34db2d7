using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Core.Tests.Tools;

public class ToolEffectTests
{
    [Theory]
    [InlineData("get_weather", "", "Read")]
    [InlineData("GoogleCalendarReadEvents", "", "Read")]
    [InlineData("order_status", "", "Read")]
    [InlineData("email_search", "", "Read")]
    [InlineData("get_webpage", "", "Fetch")]
    [InlineData("search_web", "", "Fetch")]
    [InlineData("GmailSendEmail", "", "Egress")]
    [InlineData("send_money", "", "Egress")]
    [InlineData("EpicFHIRManageAppointments", "", "Write")]
    [InlineData("AugustSmartLockUnlockDoor", "", "Write")]
    [InlineData("unlockDoor", "", "Write")]
    [InlineData("list_and_delete_files", "", "Write")]
    [InlineData("get_ready", "Deletes all files.", "Write")]
    [InlineData("frobnicate", "", "Write")]
    [InlineData("frobnicate", "Returns the number of users.", "Read")]
    [InlineData("hosted:code_interpreter", "", "Read")]
    public void AToolDoesWhatItsNameOrDescriptionSays(string name, string description, string reach) =>
        Assert.Equal(reach, ToolEffectInference.Default.Of(new ToolInfo(name) { Description = description }).Reach.ToString());

    [Fact]
    public void AnAnnotationNeverMakesAToolHarmlessWhoseNameIsNot()
    {
        Assert.Equal(ToolReach.Egress, ToolEffectInference.Default.Of(new ToolInfo("send_mail") { ReadOnly = true }).Reach);
        Assert.Equal(ToolReach.Write, ToolEffectInference.Default.Of(new ToolInfo("get_mail") { Destructive = true }).Reach);
    }

    [Theory]
    [InlineData("to", "Recipient")]
    [InlineData("user_email", "Recipient")]
    [InlineData("channel_id", "Channel")]
    [InlineData("event_id", "Id")]
    [InlineData("phone_number", "Recipient")]
    [InlineData("recipient_iban", "Account")]
    [InlineData("webhookUrl", "Host")]
    [InlineData("file_path", "Path")]
    [InlineData("body", "Content")]
    [InlineData("start_time", "Plain")]
    [InlineData("hotel", "Name")]
    public void AnArgumentDecidesWhatItsNameSays(string name, string role) => Assert.Equal(role, ToolEffectInference.Default.RoleOf(name, null).ToString());

    [Fact]
    public void ADescriptionTellsADestinationWhereTheNameDoesNot() =>
        Assert.Equal(ArgumentRole.Recipient, ToolEffectInference.Default.RoleOf("target", "The email address to notify"));
}
